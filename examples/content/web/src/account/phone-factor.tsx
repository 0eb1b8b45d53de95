import { type Factor, useAuth } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { useSettings } from "../app/settings.ts";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import { PhoneCode } from "./phone-code.tsx";

/** Text messages as a second factor, where the deployment's policy says so. */
export function PhoneFactor(): ReactNode {
  const { factors } = useAuth();
  const settings = useSettings();
  const numbers = factors.filter(({ status, factor_type: type }) => status === "verified" && type === "phone");
  if (settings?.factors.phone !== true && numbers.length === 0) return null;
  return (
    <section className="card" aria-labelledby="phone-title">
      <h2 id="phone-title">Text messages</h2>
      <p>
        A code that is sent to your phone, asked for after your password. Somebody who takes over your number reads it
        too: an application, a security key or a passkey is safer.
      </p>
      {numbers.length === 0 ? (
        <AddNumber />
      ) : (
        <ul className="rows" aria-label="Your numbers">
          {numbers.map((factor) => (
            <PhoneNumber key={factor.id} factor={factor} />
          ))}
        </ul>
      )}
    </section>
  );
}

function PhoneNumber({ factor }: { readonly factor: Factor }): ReactNode {
  const { removeFactor } = useAuth();
  const number = factor.phone === undefined ? "the number" : `+${factor.phone}`;
  return (
    <li>
      <span>{number}</span>
      <ConfirmButton
        label={`Remove ${number}`}
        question="Remove this number?"
        consequence="No codes are sent to it any more, and you sign in again."
        confirm="Remove it"
        onConfirm={() => removeFactor(factor.id)}
      />
    </li>
  );
}

interface Begun {
  readonly factorId: string;
  readonly challengeId: string;
  readonly number: string;
}

const sentences: Readonly<Record<string, string>> = {
  validation_failed: "Write the number with its country code, such as +49 30 1234567.",
  sms_send_failed: "No text messages are sent to numbers of this country.",
};

function AddNumber(): ReactNode {
  const { challengePhone, enrolPhone, factors, removeFactor } = useAuth();
  const [begun, setBegun] = useState<Begun | null>(null);
  const submit = useSubmit(async (values) => {
    // What was begun and never confirmed would keep its name.
    const unfinished = factors.filter(({ status, factor_type: type }) => status === "unverified" && type === "phone");
    for (const { id } of unfinished) await removeFactor(id);
    const number = textOf(values, "phone").replaceAll(/[\s()/-]/g, "");
    const factorId = await enrolPhone("Text messages", number);
    try {
      setBegun({ factorId, challengeId: await challengePhone(factorId), number });
    } catch (error) {
      // A number that gets no code cannot be confirmed; what stopped it is shown.
      await removeFactor(factorId);
      throw error;
    }
  });
  if (begun !== null) return <PhoneCode factorId={begun.factorId} number={begun.number} sent={begun.challengeId} />;
  return (
    <form onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} sentences={sentences} />
      <TextField
        label="Phone number"
        hint="With its country code, such as +49 30 1234567."
        name="phone"
        type="tel"
        autoComplete="tel"
        required
      />
      <button type="submit" disabled={submit.isBusy}>
        Send a code to this number
      </button>
    </form>
  );
}
