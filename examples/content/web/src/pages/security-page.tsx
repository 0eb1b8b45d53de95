import { useAuth } from "@holdfast/react";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { AccountLinks } from "../account/account-links.tsx";
import { LinkedAccounts } from "../account/linked-accounts.tsx";
import { Passkeys } from "../account/passkeys.tsx";
import { Password } from "../account/password.tsx";
import { PhoneFactor } from "../account/phone-factor.tsx";
import { RaiseSession } from "../account/raise-session.tsx";
import { RecoveryCodes } from "../account/recovery-codes.tsx";
import { SecondFactor } from "../account/second-factor.tsx";
import { SecurityKeys } from "../account/security-keys.tsx";
import { PageTitle } from "../ui/page-title.tsx";

export function SecurityPage(): ReactNode {
  const { assurance } = useAuth();
  const { need } = useSearch({ from: "/account/security" });
  return (
    <div className="medium">
      <PageTitle>Security</PageTitle>
      <AccountLinks />
      {need === "second-factor" && assurance === "aal1" ? (
        <output className="notice">The page you asked for needs a second factor. Set one up below.</output>
      ) : null}
      <RaiseSession />
      <SecondFactor />
      <SecurityKeys />
      <PhoneFactor />
      <Passkeys />
      <RecoveryCodes />
      <Password />
      <LinkedAccounts />
    </div>
  );
}
