import { useAuth } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { CodeField } from "../ui/code-field.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

interface PhoneCodeProps {
  readonly factorId: string;
  readonly number: string;
  /** The challenge whose code is on its way already, in a card of its own. */
  readonly sent?: string;
  /** Whether nothing else on the page is the way on. */
  readonly isMain?: boolean;
}

const sendSentences: Readonly<Record<string, string>> = {
  sms_send_failed: "No text messages are sent to numbers of this country.",
};

/** Sends a code by text message when it is asked to, and takes it. */
export function PhoneCode({ factorId, number, sent, isMain = true }: PhoneCodeProps): ReactNode {
  const { challengePhone, verifyPhone } = useAuth();
  const [challengeId, setChallengeId] = useState(sent);
  const send = useSubmit(async () => setChallengeId(await challengePhone(factorId)));
  const confirm = useSubmit(async (values, form) => {
    form.reset();
    await verifyPhone(factorId, challengeId ?? "", textOf(values, "code").replaceAll(" ", ""));
  });
  return (
    <>
      {challengeId === undefined ? null : (
        <form className={sent === undefined ? "card" : ""} onSubmit={confirm.onSubmit}>
          <output>A code was sent to {number}.</output>
          <FailureMessage error={confirm.error} />
          <CodeField />
          <button type="submit" className="filled" disabled={confirm.isBusy}>
            Confirm
          </button>
        </form>
      )}
      <form onSubmit={send.onSubmit}>
        <FailureMessage error={send.error} sentences={sendSentences} />
        <button type="submit" className={challengeId === undefined && isMain ? "filled" : ""} disabled={send.isBusy}>
          {challengeId === undefined ? `Send a code to ${number}` : "Send another code"}
        </button>
      </form>
    </>
  );
}
