import { useAuth } from "@holdfast/react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { passwordLengthMin } from "../app/session.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { PageTitle } from "../ui/page-title.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

const sentences = {
  current_password_required: "The message that brought you here is too old by now. Ask for another one.",
};

/** After a recovery: whoever has the mailbox chooses a new password without knowing the old one. */
export function NewPasswordPage(): ReactNode {
  const { user, choosePassword } = useAuth();
  const navigate = useNavigate();
  const submit = useSubmit(async (values) => {
    await choosePassword(textOf(values, "new-password"));
    await navigate({ to: "/", replace: true });
  });
  return (
    <div className="narrow">
      <PageTitle lead="It ends every other session of your account.">New password</PageTitle>
      <form className="card" onSubmit={submit.onSubmit}>
        <input type="text" name="username" autoComplete="username" defaultValue={user?.email} hidden />
        <FailureMessage error={submit.error} sentences={sentences} />
        <TextField
          label="New password"
          hint={`At least ${passwordLengthMin} characters.`}
          name="new-password"
          type="password"
          autoComplete="new-password"
          minLength={passwordLengthMin}
          required
        />
        <button type="submit" className="filled" disabled={submit.isBusy}>
          Use this password
        </button>
      </form>
    </div>
  );
}
