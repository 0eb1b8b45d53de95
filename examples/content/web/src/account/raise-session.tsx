import { useAuth, usePasskeys } from "@holdfast/react";
import type { ReactNode } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { useSubmit } from "../ui/use-submit.ts";

/** Somebody who has a passkey came in with the password alone: nothing about signing in can be changed until it is shown. */
export function RaiseSession(): ReactNode {
  const { assurance, hasAuthenticators, signInWithPasskey } = useAuth();
  const passkeys = usePasskeys();
  const submit = useSubmit(async () => {
    await signInWithPasskey();
  });
  if (assurance === "aal2" || !hasAuthenticators || (passkeys.value ?? []).length === 0) return null;
  return (
    <form className="notice" onSubmit={submit.onSubmit}>
      <p>You signed in without your passkey. Show it before you change how you sign in.</p>
      <FailureMessage error={submit.error} />
      <button type="submit" disabled={submit.isBusy}>
        Use your passkey
      </button>
    </form>
  );
}
