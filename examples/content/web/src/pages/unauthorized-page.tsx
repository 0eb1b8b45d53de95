import { useAuth } from "@holdfast/react";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageTitle } from "../ui/page-title.tsx";

export function UnauthorizedPage(): ReactNode {
  const { reason } = useSearch({ from: "/unauthorized" });
  return reason === "second-factor-required" ? <FactorNeeded /> : <RoleNeeded />;
}

function FactorNeeded(): ReactNode {
  const { secondFactorPending } = useAuth();
  return (
    <div className="narrow">
      <PageTitle lead="The page you asked for needs a session with a second factor.">One step more</PageTitle>
      {secondFactorPending ? (
        <Link className="button filled" to="/sign-in">
          Enter a code
        </Link>
      ) : (
        <Link className="button filled" to="/account/security" search={{ need: "second-factor" }}>
          Set up a second factor
        </Link>
      )}
    </div>
  );
}

function RoleNeeded(): ReactNode {
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
