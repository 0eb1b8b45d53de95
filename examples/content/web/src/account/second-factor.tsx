import { type Factor, type TotpEnrolment, useAuth } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { CodeField } from "../ui/code-field.tsx";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { QrCode } from "../ui/qr-code.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

/** A secret is easier to copy by hand in groups of this many characters. */
const SECRET_GROUP = /.{1,4}/g;

export function SecondFactor(): ReactNode {
  const { factors } = useAuth();
  const verified = factors.filter(({ status, factor_type: type }) => status === "verified" && type === "totp");
  return (
    <section className="card" aria-labelledby="factor-title">
      <h2 id="factor-title">Authenticator application</h2>
      {verified.length === 0 ? <SetUp /> : <Verified factors={verified} />}
    </section>
  );
}

function Verified({ factors }: { readonly factors: readonly Factor[] }): ReactNode {
  const { removeFactor } = useAuth();
  return (
    <>
      <p>After your password, signing in asks for a code of your authenticator application. A passkey needs none.</p>
      <ul className="rows">
        {factors.map((factor) => (
          <li key={factor.id}>
            <span>{factor.friendly_name ?? "Authenticator"}</span>
            <ConfirmButton
              label={`Remove ${factor.friendly_name ?? "the application"}`}
              question="Remove this application?"
              consequence="Its codes are worth nothing then, and you sign in again."
              confirm="Remove it"
              onConfirm={() => removeFactor(factor.id)}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function SetUp(): ReactNode {
  const { factors, enrolTotp, removeFactor } = useAuth();
  const [enrolment, setEnrolment] = useState<TotpEnrolment | null>(null);
  const start = useSubmit(async () => {
    // What was begun and never confirmed is of no use: its secret is shown once only.
    for (const unfinished of factors.filter(({ status }) => status === "unverified")) await removeFactor(unfinished.id);
    setEnrolment(await enrolTotp("Authenticator"));
  });
  if (enrolment !== null) return <Confirm enrolment={enrolment} onCancel={() => setEnrolment(null)} />;
  return (
    <form onSubmit={start.onSubmit}>
      <p>
        A code of an authenticator application on your phone, asked for after your password. Whoever has stolen the
        password alone cannot change how you sign in.
      </p>
      <FailureMessage error={start.error} />
      <button type="submit" disabled={start.isBusy}>
        Set up a second factor
      </button>
    </form>
  );
}

interface ConfirmProps {
  readonly enrolment: TotpEnrolment;
  readonly onCancel: () => void;
}

function Confirm({ enrolment, onCancel }: ConfirmProps): ReactNode {
  const { verifyTotp } = useAuth();
  const submit = useSubmit(async (values) => {
    await verifyTotp(enrolment.factorId, textOf(values, "code").replaceAll(" ", ""));
  });
  return (
    <form onSubmit={submit.onSubmit}>
      <div className="enrolment">
        <QrCode text={enrolment.uri} label="QR code for your authenticator application" />
        <div>
          <p>Scan this with an authenticator application, or type in the secret:</p>
          <p>
            <code className="secret">{enrolment.secret.match(SECRET_GROUP)?.join(" ")}</code>
          </p>
          <FailureMessage error={submit.error} />
          <CodeField />
        </div>
      </div>
      <div className="actions">
        <button type="submit" className="filled" disabled={submit.isBusy}>
          Confirm
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
