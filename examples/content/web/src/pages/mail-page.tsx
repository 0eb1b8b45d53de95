import { type AuthState, sanitizeRedirect, useAuth } from "@holdfast/react";
import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useGoOn } from "../app/go-on.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import { MailSent } from "./mail-sent.tsx";

/** Signing in without a password: by a link or a code in a message. */
export function MailSignInPage(): ReactNode {
  const { from } = useSearch({ from: "/sign-in/mail" });
  const { requestSignIn } = useAuth();
  const goOn = useGoOn();
  return (
    <AskForMail
      title="Sign in by mail"
      lead="You get a link and a code, good once and for a few minutes."
      action="Send it"
      purpose="email"
      onSend={requestSignIn}
      onDone={(state) => goOn(state, sanitizeRedirect(from))}
    />
  );
}

/** A password that nobody remembers. */
export function ForgottenPage(): ReactNode {
  const { requestRecovery } = useAuth();
  const goOn = useGoOn();
  return (
    <AskForMail
      title="Forgotten password"
      lead="A message to your address lets you choose a new one."
      action="Send it"
      purpose="recovery"
      onSend={requestRecovery}
      onDone={(state) => goOn(state, "/account/new-password")}
    />
  );
}

interface AskForMailProps {
  readonly title: string;
  readonly lead: string;
  readonly action: string;
  readonly purpose: "email" | "recovery";
  readonly onSend: (email: string) => Promise<void>;
  readonly onDone: (state: AuthState) => Promise<void>;
}

function AskForMail({ title, lead, action, purpose, onSend, onDone }: AskForMailProps): ReactNode {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const submit = useSubmit(async (values) => {
    const email = textOf(values, "email").trim();
    await onSend(email);
    setSentTo(email);
  });
  if (sentTo !== null)
    return (
      <MailSent
        purpose={purpose}
        email={sentTo}
        lead="If the address has an account, a message is on its way."
        onDone={onDone}
        onAgain={() => onSend(sentTo)}
      />
    );
  return (
    <div className="narrow">
      <PageTitle lead={lead}>{title}</PageTitle>
      <form className="card" onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} />
        <TextField label="E-mail address" name="email" type="email" autoComplete="username" required />
        <button type="submit" className="filled" disabled={submit.isBusy}>
          {action}
        </button>
      </form>
      <p>
        <Link to="/sign-in">Sign in with your password</Link>
      </p>
    </div>
  );
}
