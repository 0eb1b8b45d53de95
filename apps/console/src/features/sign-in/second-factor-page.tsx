import { useAuth } from "@holdfast/react";
import { useMutation } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "react-aria-components";
import { Entry, Failure, SubmitButton, SubmitForm } from "../../ui/form-parts.tsx";
import { Loading } from "../../ui/loading.tsx";
import { QrCode } from "./qr-code.tsx";

/** Asks for what the person has; who has nothing yet sets up an authenticator application. */
export function SecondFactorPage() {
  const auth = useAuth();
  if (auth.status === "loading") return <Loading what="your session" />;
  if (auth.status !== "signed-in") return <Navigate to="/sign-in" replace />;
  if (auth.assurance === "aal2") return <Navigate to="/" replace />;
  const verified = auth.factors.filter((factor) => factor.status === "verified");
  const application = verified.find((factor) => factor.factor_type === "totp");
  const key = verified.find((factor) => factor.factor_type === "webauthn");
  const hasCodes = verified.some((factor) => factor.factor_type === "recovery_code");
  return (
    <main className="lone">
      <h1>Second factor</h1>
      {verified.length === 0 ? <Enrolment /> : null}
      {application === undefined ? null : <CodeForm factorId={application.id} button="Verify" />}
      {key === undefined ? null : (
        <OneStep run={() => auth.verifyKey(key.id)} button="Use your security key" isMain={application === undefined} />
      )}
      {auth.hasAuthenticators && application === undefined && key === undefined ? (
        <OneStep run={() => auth.signInWithPasskey()} button="Use your passkey" isMain={hasCodes} />
      ) : null}
      {hasCodes ? <RecoveryForm /> : null}
      <p>
        <Button className="plain" onPress={() => void auth.signOut("local")}>
          Sign out
        </Button>
      </p>
    </main>
  );
}

function Enrolment() {
  const { enrolTotp, factors, removeFactor } = useAuth();
  const mutation = useMutation({
    mutationFn: async () => {
      // What was begun and never confirmed is of no use: its secret is shown once only.
      for (const { id } of factors) await removeFactor(id);
      return await enrolTotp("Authenticator");
    },
  });
  if (mutation.data === undefined) {
    return (
      <>
        <p>Administrators need a second factor. You need an authenticator application, for example on your phone.</p>
        <Failure error={mutation.error} />
        <Button className="primary" onPress={() => mutation.mutate()} isDisabled={mutation.isPending}>
          Set up a second factor
        </Button>
      </>
    );
  }
  const { uri, secret, factorId } = mutation.data;
  return (
    <>
      <p>Scan this with your authenticator application, then enter the code it shows.</p>
      <QrCode text={uri} label="QR code for your authenticator application" />
      <p>
        Or type this in: <code className="secret">{secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
      <CodeForm factorId={factorId} button="Finish set-up" />
    </>
  );
}

function CodeForm({ factorId, button }: { readonly factorId: string; readonly button: string }) {
  const { verifyTotp } = useAuth();
  const [code, setCode] = useState("");
  const mutation = useMutation({
    mutationFn: () => verifyTotp(factorId, code.replaceAll(" ", "")),
    onError: () => setCode(""),
  });
  return (
    <SubmitForm onSubmit={() => mutation.mutate()}>
      <Entry
        label="Code"
        hint="Six digits. Each code works once."
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={setCode}
        isRequired
      />
      <Failure error={mutation.error} />
      <SubmitButton isBusy={mutation.isPending}>{button}</SubmitButton>
    </SubmitForm>
  );
}

interface OneStepProps {
  readonly run: () => Promise<unknown>;
  readonly button: string;
  readonly isMain: boolean;
}

/** A step that the browser asks the person for. */
function OneStep({ run, button, isMain }: OneStepProps) {
  const mutation = useMutation({ mutationFn: run });
  return (
    <div className="step">
      <Failure error={mutation.error} />
      <Button
        className={isMain ? "primary" : "plain"}
        onPress={() => mutation.mutate()}
        isDisabled={mutation.isPending}
      >
        {button}
      </Button>
    </div>
  );
}

function RecoveryForm() {
  const { redeemRecoveryCode } = useAuth();
  const [code, setCode] = useState("");
  const mutation = useMutation({ mutationFn: () => redeemRecoveryCode(code), onError: () => setCode("") });
  return (
    <details className="step">
      <summary>Use a recovery code</summary>
      <SubmitForm onSubmit={() => mutation.mutate()}>
        <Entry label="Recovery code" name="recovery" autoComplete="off" value={code} onChange={setCode} isRequired />
        <Failure error={mutation.error} words={{ mfa_verification_failed: "That code is wrong or was used before." }} />
        <SubmitButton isBusy={mutation.isPending}>Use it</SubmitButton>
      </SubmitForm>
    </details>
  );
}
