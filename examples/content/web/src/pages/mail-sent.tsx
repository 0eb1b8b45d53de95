import { type AuthState, type MessagePurpose, useAuth } from "@holdfast/react";
import type { ReactNode } from "react";
import { CodeField } from "../ui/code-field.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

export interface MailSentProps {
  readonly purpose: MessagePurpose;
  readonly email: string;
  readonly lead: string;
  /** Called in the session that the code began. */
  readonly onDone: (state: AuthState) => Promise<void>;
  /** Sends the message once more. */
  readonly onAgain: () => Promise<void>;
}

const sentences = { otp_expired: "That code is wrong, was used, or has run out. Ask for another." };

/** After a message was sent, if it was: whether an address has an account is told to nobody. */
export function MailSent({ purpose, email, lead, onDone, onAgain }: MailSentProps): ReactNode {
  const { redeemCode } = useAuth();
  const submit = useSubmit(async (values) => {
    await onDone(await redeemCode(purpose, email, textOf(values, "code").replaceAll(" ", "")));
  });
  const again = useSubmit(onAgain);
  return (
    <div className="narrow">
      <PageTitle lead={lead}>Look at your mail</PageTitle>
      <form className="card" onSubmit={submit.onSubmit}>
        <p>
          A message to <strong>{email}</strong> has a link, and a code that you can type here instead.
        </p>
        <FailureMessage error={submit.error} sentences={sentences} />
        <CodeField />
        <button type="submit" className="filled" disabled={submit.isBusy}>
          Go on
        </button>
      </form>
      <form onSubmit={again.onSubmit}>
        <FailureMessage error={again.error} />
        <button type="submit" className="quiet" disabled={again.isBusy}>
          Send it once more
        </button>
      </form>
      <InboxHint />
    </div>
  );
}

/** Hosts on which a developer looks at the application, where no mail may be sent at all. */
const OWN_MACHINE = ["localhost", "127.0.0.1", "[::1]"];

function InboxHint(): ReactNode {
  if (!OWN_MACHINE.includes(location.hostname)) return null;
  return (
    <p className="hint">
      On your own machine no mail may leave. Then the message is a line in the terminal where the application was
      started, and an administrator finds it in <a href="/console/inbox">the console’s inbox</a>.
    </p>
  );
}
