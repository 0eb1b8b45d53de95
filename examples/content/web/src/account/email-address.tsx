import { useAuth } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

/** Another address counts once the messages to the old and the new one are both confirmed. */
export function EmailAddress(): ReactNode {
  const { user, changeEmail } = useAuth();
  const [isAsked, setAsked] = useState(false);
  const submit = useSubmit(async (values, form) => {
    setAsked(false);
    await changeEmail(textOf(values, "new-email").trim());
    form.reset();
    setAsked(true);
  });
  return (
    <section className="card" aria-labelledby="address-title">
      <h2 id="address-title">E-mail address</h2>
      <form onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} />
        <output className={isAsked ? "success" : "live"}>
          {isAsked
            ? "Confirm it in the messages to your present and to your new address. Until then nothing changes."
            : ""}
        </output>
        {user?.new_email ? <p>Waiting to be confirmed: {user.new_email}</p> : null}
        <TextField label="New address" name="new-email" type="email" autoComplete="email" required />
        <button type="submit" disabled={submit.isBusy}>
          Change address
        </button>
      </form>
    </section>
  );
}
