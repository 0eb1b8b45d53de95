import { sanitizeRedirect, useAuth } from "@holdfast/react";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { isAddressConfirmed, passwordLengthMin } from "../app/session.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import { MailSent } from "./mail-sent.tsx";

const TAKEN = "This address may have an account already. Sign in instead, or choose another address.";

export function SignUpPage(): ReactNode {
  const { from } = useSearch({ from: "/sign-up" });
  const { signUp, resendConfirmation } = useAuth();
  const router = useRouter();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const goOn = () => router.navigate({ href: sanitizeRedirect(from), replace: true });
  const submit = useSubmit(async (values) => {
    const email = textOf(values, "email").trim();
    await signUp(email, textOf(values, "password"));
    if (isAddressConfirmed) setSentTo(email);
    else await goOn();
  });
  if (sentTo !== null)
    return (
      <MailSent
        purpose="signup"
        email={sentTo}
        lead="Your account counts once the address is confirmed."
        onDone={goOn}
        onAgain={() => resendConfirmation(sentTo)}
      />
    );
  return (
    <div className="narrow">
      <PageTitle lead="Read what is published, write drafts of your own.">Sign up</PageTitle>
      <form className="card" onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} sentences={{ invalid_credentials: TAKEN }} />
        <TextField label="E-mail address" name="email" type="email" autoComplete="username" required />
        <TextField
          label="Password"
          hint={`At least ${passwordLengthMin} characters. A few unrelated words are good; known leaked passwords are refused.`}
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={passwordLengthMin}
          required
        />
        <button type="submit" className="filled" disabled={submit.isBusy}>
          Create account
        </button>
      </form>
      <p>
        Have an account?{" "}
        <Link to="/sign-in" search={from === undefined ? {} : { from }}>
          Sign in
        </Link>
      </p>
    </div>
  );
}
