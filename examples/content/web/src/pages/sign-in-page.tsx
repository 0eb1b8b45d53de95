import { sanitizeRedirect, useAuth } from "@holdfast/react";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { PhoneCode } from "../account/phone-code.tsx";
import { CodeField } from "../ui/code-field.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading } from "../ui/loading.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import { ProviderButtons } from "./provider-buttons.tsx";

export function SignInPage(): ReactNode {
  const { from, why } = useSearch({ from: "/sign-in" });
  const auth = useAuth();
  const router = useRouter();
  const isDone = auth.status === "signed-in" && !auth.secondFactorPending;

  useEffect(() => {
    if (isDone) void router.navigate({ href: sanitizeRedirect(from), replace: true });
  }, [isDone, from, router]);

  if (auth.status === "loading" || isDone) return <Loading />;
  return auth.secondFactorPending ? <SecondStep isNewSession={why === "new-session"} /> : <PasswordForm from={from} />;
}

function PasswordForm({ from }: { readonly from: string | undefined }): ReactNode {
  const { signIn } = useAuth();
  const submit = useSubmit(async (values) => {
    await signIn(textOf(values, "email").trim(), textOf(values, "password"));
  });
  return (
    <div className="narrow">
      <PageTitle {...(from === undefined ? {} : { lead: "Sign in to go on to the page you asked for." })}>
        Sign in
      </PageTitle>
      <form className="card" onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} />
        <TextField label="E-mail address" name="email" type="email" autoComplete="username" required />
        <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
        <button type="submit" className="filled" disabled={submit.isBusy}>
          Sign in
        </button>
      </form>
      <PasskeyButton />
      <ProviderButtons from={from} />
      <p>
        <Link to="/forgotten">Forgotten your password?</Link>
      </p>
      <p>
        <Link to="/sign-in/mail" search={from === undefined ? {} : { from }}>
          Sign in by mail
        </Link>
      </p>
      <p>
        No account yet?{" "}
        <Link to="/sign-up" search={from === undefined ? {} : { from }}>
          Sign up
        </Link>
      </p>
    </div>
  );
}

/** Where the browser has passkeys, one of them signs in without an address and without a password. */
function PasskeyButton(): ReactNode {
  const { hasAuthenticators, signInWithPasskey } = useAuth();
  const submit = useSubmit(async () => {
    await signInWithPasskey();
  });
  if (!hasAuthenticators) return null;
  return (
    <form onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} />
      <button type="submit" disabled={submit.isBusy}>
        Sign in with a passkey
      </button>
    </form>
  );
}

/** Asks for what the person has, and for nothing else. */
function SecondStep({ isNewSession }: { readonly isNewSession: boolean }): ReactNode {
  const { factors, hasAuthenticators, signInWithPasskey, signOut, verifyKey } = useAuth();
  const verified = factors.filter(({ status }) => status === "verified");
  const application = verified.find(({ factor_type: type }) => type === "totp");
  const keys = verified.filter(({ factor_type: type }) => type === "webauthn");
  const numbers = verified.filter(({ factor_type: type }) => type === "phone");
  const hasCodes = verified.some(({ factor_type: type }) => type === "recovery_code");
  // An account says nothing of its passkeys; who has none of the others may well have one.
  const mayHavePasskey = application === undefined && keys.length === 0 && numbers.length === 0;
  return (
    <div className="narrow">
      <PageTitle lead={leadOf(application !== undefined, keys.length > 0, numbers.length > 0)}>Second factor</PageTitle>
      {isNewSession ? (
        <output className="notice">
          What brought you here began a new session, which has not given your second factor yet.
        </output>
      ) : null}
      {application === undefined ? null : <CodeForm factorId={application.id} />}
      {keys.map((key) => (
        <StepButton
          key={key.id}
          label={keys.length === 1 ? "Use your security key" : `Use ${key.friendly_name ?? "a security key"}`}
          isMain={application === undefined}
          step={() => verifyKey(key.id)}
        />
      ))}
      {numbers.map(({ id, phone }) => (
        <PhoneCode
          key={id}
          factorId={id}
          number={phone === undefined ? "your phone" : `+${phone}`}
          isMain={application === undefined && keys.length === 0}
        />
      ))}
      {mayHavePasskey && hasAuthenticators ? (
        <StepButton label="Use your passkey" isMain step={signInWithPasskey} />
      ) : null}
      {hasCodes ? <RecoveryForm /> : null}
      <p>
        <button type="button" className="quiet" onClick={() => void signOut()}>
          Sign in as someone else
        </button>
      </p>
    </div>
  );
}

function leadOf(hasApplication: boolean, hasKey: boolean, hasNumber: boolean): string {
  if (hasApplication) return "Open your authenticator application and enter its present code.";
  if (hasKey) return "Have your security key at hand.";
  return hasNumber ? "Have a code sent to your phone." : "Use your passkey, or one of your recovery codes.";
}

function CodeForm({ factorId }: { readonly factorId: string }): ReactNode {
  const { verifyTotp } = useAuth();
  const submit = useSubmit(async (values, form) => {
    form.reset();
    await verifyTotp(factorId, textOf(values, "code").replaceAll(" ", ""));
  });
  return (
    <form className="card" onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} />
      <CodeField />
      <button type="submit" className="filled" disabled={submit.isBusy}>
        Confirm
      </button>
    </form>
  );
}

interface StepButtonProps {
  readonly label: string;
  readonly isMain: boolean;
  readonly step: () => Promise<unknown>;
}

/** A step for which the browser asks the person. */
function StepButton({ label, isMain, step }: StepButtonProps): ReactNode {
  const submit = useSubmit(async () => {
    await step();
  });
  return (
    <form onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} />
      <button type="submit" className={isMain ? "filled" : ""} disabled={submit.isBusy}>
        {label}
      </button>
    </form>
  );
}

function RecoveryForm(): ReactNode {
  const { redeemRecoveryCode } = useAuth();
  const submit = useSubmit(async (values) => {
    await redeemRecoveryCode(textOf(values, "recovery"));
  });
  return (
    <details>
      <summary>Use a recovery code</summary>
      <form onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} sentences={recoverySentences} />
        <TextField label="Recovery code" name="recovery" autoComplete="off" spellCheck={false} required />
        <button type="submit" disabled={submit.isBusy}>
          Use it
        </button>
      </form>
    </details>
  );
}

const recoverySentences: Readonly<Record<string, string>> = {
  mfa_verification_failed: "That code is wrong or was used before.",
};
