import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** The pages of one's own account. */
export function AccountLinks(): ReactNode {
  return (
    <nav className="tabs" aria-label="Account">
      <Link to="/account" activeOptions={{ exact: true }}>
        Profile
      </Link>
      <Link to="/account/security">Security</Link>
      <Link to="/account/sessions">Sessions</Link>
    </nav>
  );
}
