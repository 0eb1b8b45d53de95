import { type Passkey, useAuth, usePasskeys } from "@holdfast/react";
import { type ReactNode, useId, useRef } from "react";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading } from "../ui/loading.tsx";
import { Moment } from "../ui/moment.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

const sentences: Readonly<Record<string, string>> = {
  too_many_passkeys: "You have as many passkeys as an account may have. Remove one first.",
};

/** The account's passkeys: add, name, remove. */
export function Passkeys(): ReactNode {
  const { addPasskey, hasAuthenticators } = useAuth();
  const passkeys = usePasskeys();
  const add = useSubmit(async () => {
    await addPasskey();
    await passkeys.reload();
  });
  return (
    <section className="card" aria-labelledby="passkeys-title">
      <h2 id="passkeys-title">Passkeys</h2>
      <p>A passkey signs in with your device’s lock instead of a password. No other site can ask for it.</p>
      {passkeys.value === null || passkeys.value.length === 0 ? null : <PasswordBeside />}
      <FailureMessage error={passkeys.error} />
      {passkeys.value === null ? (
        passkeys.error === null && <Loading />
      ) : (
        <ul className="rows" aria-label="Your passkeys">
          {passkeys.value.map((passkey) => (
            <Row key={passkey.id} passkey={passkey} onChanged={passkeys.reload} />
          ))}
        </ul>
      )}
      <form onSubmit={add.onSubmit}>
        <FailureMessage error={add.error} sentences={sentences} />
        {hasAuthenticators ? (
          <button type="submit" disabled={add.isBusy}>
            Add a passkey
          </button>
        ) : (
          <p className="hint">This browser cannot use passkeys.</p>
        )}
      </form>
    </section>
  );
}

/** Signing in with a password is worth aal1 beside a passkey as well: the passkey itself is asked for only where aal2 is needed. */
function PasswordBeside(): ReactNode {
  const { factors } = useAuth();
  const verified = factors.filter(({ status }) => status === "verified");
  const next =
    verified.length === 0
      ? "and nothing more is asked for"
      : verified.every(({ factor_type: type }) => type === "recovery_code")
        ? "and one of your recovery codes is asked for next"
        : "and your second factor is asked for next";
  return (
    <p>
      Your password still signs in as well, {next}. A session of the password alone cannot change how you sign in, and
      opens nothing that needs a second factor.{verified.length === 0 ? " Sign in with your passkey for that." : ""}
    </p>
  );
}

interface RowProps {
  readonly passkey: Passkey;
  readonly onChanged: () => Promise<void>;
}

function Row({ passkey, onChanged }: RowProps): ReactNode {
  const { removePasskey } = useAuth();
  const { last_used_at: lastUsedAt } = passkey;
  return (
    <li>
      <span>
        <strong>{passkey.friendly_name}</strong>
        <br />
        <span className="hint">
          added <Moment at={passkey.created_at} />
          {lastUsedAt === undefined ? (
            ", not used yet"
          ) : (
            <>
              , last used <Moment at={lastUsedAt} />
            </>
          )}
        </span>
      </span>
      <Rename passkey={passkey} onChanged={onChanged} />
      <ConfirmButton
        label={`Remove ${passkey.friendly_name}`}
        question="Remove this passkey?"
        consequence="It can no longer sign in, and your other sessions end. If you signed in with it, you sign in again."
        confirm="Remove it"
        onConfirm={async () => {
          await removePasskey(passkey.id);
          await onChanged();
        }}
      />
    </li>
  );
}

function Rename({ passkey, onChanged }: RowProps): ReactNode {
  const { renamePasskey } = useAuth();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close = () => dialog.current?.close();
  const submit = useSubmit(async (values) => {
    await renamePasskey(passkey.id, textOf(values, "name").trim());
    await onChanged();
    close();
  });
  return (
    <>
      <button type="button" aria-label={`Rename ${passkey.friendly_name}`} onClick={() => dialog.current?.showModal()}>
        Rename
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <form onSubmit={submit.onSubmit}>
          <h2 id={titleId}>Name of the passkey</h2>
          <FailureMessage error={submit.error} />
          <TextField label="Name" name="name" defaultValue={passkey.friendly_name} maxLength={120} required />
          <div className="actions">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" className="filled" disabled={submit.isBusy}>
              Save
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
