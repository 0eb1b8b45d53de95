import { useAuth } from "@holdfast/react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageTitle } from "../ui/page-title.tsx";

export function UnauthorizedPage(): ReactNode {
  const { user, roles } = useAuth();
  return (
    <div className="narrow">
      <PageTitle lead="Your account does not have the role that the page needs.">Not allowed</PageTitle>
      {user === null ? null : (
        <p>
          You are signed in as <strong>{user.email}</strong>
          {roles.length === 0 ? " without a role" : `, with the role ${roles.join(", ")}`}. An administrator can give
          you another.
        </p>
      )}
      <Link className="button" to="/">
        To the library
      </Link>
    </div>
  );
}
