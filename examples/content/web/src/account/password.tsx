import { useAuth } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { passwordLengthMin } from "../app/session.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

export function Password(): ReactNode {
  const { user, changePassword } = useAuth();
  const [isChanged, setChanged] = useState(false);
  const submit = useSubmit(async (values, form) => {
    setChanged(false);
    await changePassword(textOf(values, "new-password"), textOf(values, "password"));
    form.reset();
    setChanged(true);
  });
  return (
    <section className="card" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <form onSubmit={submit.onSubmit}>
        <input type="text" name="username" autoComplete="username" defaultValue={user?.email} hidden />
        <FailureMessage error={submit.error} />
        <output className={isChanged ? "success" : "live"}>{isChanged ? "The password was changed." : ""}</output>
        <div className="columns">
          <TextField
            label="Present password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          <TextField
            label="New password"
            hint={`At least ${passwordLengthMin} characters.`}
            name="new-password"
            type="password"
            autoComplete="new-password"
            minLength={passwordLengthMin}
            required
          />
        </div>
        <button type="submit" disabled={submit.isBusy}>
          Change password
        </button>
      </form>
    </section>
  );
}
