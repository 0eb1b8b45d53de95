import { useAuth } from "@holdfast/react";
import type { ReactNode } from "react";
import { AccountLinks } from "../account/account-links.tsx";
import { DeleteAccount } from "../account/delete-account.tsx";
import { EmailAddress } from "../account/email-address.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function AccountPage(): ReactNode {
  const { user, roles, assurance } = useAuth();
  return (
    <div className="medium">
      <PageTitle>Account</PageTitle>
      <AccountLinks />
      <section className="card" aria-labelledby="profile-title">
        <h2 id="profile-title">Profile</h2>
        <dl>
          <dt>E-mail address</dt>
          <dd>{user?.email}</dd>
          <dt>Roles</dt>
          <dd>{roles.length === 0 ? "None" : roles.join(", ")}</dd>
          <dt>This session</dt>
          <dd>{assurance === "aal2" ? "Confirmed with a second factor" : "Without a second factor"}</dd>
          <dt>Account id</dt>
          <dd>
            <code>{user?.id}</code>
            <p className="hint">Tell it to whoever wants to take you into a team or share something with you.</p>
          </dd>
        </dl>
      </section>
      <EmailAddress />
      <DeleteAccount />
    </div>
  );
}
