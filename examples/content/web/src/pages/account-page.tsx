import { useAuth } from "@holdfast/react";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Password } from "../account/password.tsx";
import { SecondFactor } from "../account/second-factor.tsx";
import { SessionList } from "../account/session-list.tsx";
import { Teams } from "../account/teams.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function AccountPage(): ReactNode {
  const { user, roles, assurance } = useAuth();
  const { need } = useSearch({ from: "/account" });
  return (
    <div className="medium">
      <PageTitle>Account</PageTitle>
      {need === "second-factor" && assurance === "aal1" ? (
        <output className="notice">The page you asked for needs a second factor. Set one up below.</output>
      ) : null}
      <section className="card" aria-labelledby="profile-title">
        <h2 id="profile-title">Profile</h2>
        <dl>
          <dt>E-mail address</dt>
          <dd>{user?.email}</dd>
          <dt>Roles</dt>
          <dd>{roles.length === 0 ? "None" : roles.join(", ")}</dd>
          <dt>This session</dt>
          <dd>{assurance === "aal2" ? "Confirmed with a second factor" : "Password only"}</dd>
        </dl>
      </section>
      <SecondFactor />
      <Password />
      <SessionList />
      <Teams />
    </div>
  );
}
