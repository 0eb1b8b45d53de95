import type { ReactNode } from "react";
import { AccountLinks } from "../account/account-links.tsx";
import { SessionList } from "../account/session-list.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function SessionsPage(): ReactNode {
  return (
    <div className="medium">
      <PageTitle lead="Everywhere you are signed in. End what you do not know, and choose a new password.">
        Sessions
      </PageTitle>
      <AccountLinks />
      <SessionList />
    </div>
  );
}
