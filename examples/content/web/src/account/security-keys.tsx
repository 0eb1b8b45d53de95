import { type Factor, useAuth } from "@holdfast/react";
import type { ReactNode } from "react";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { Moment } from "../ui/moment.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";

const NAME_LENGTH_MAX = 64;

/** Security keys as second factors: add with a name, remove. */
export function SecurityKeys(): ReactNode {
  const { factors } = useAuth();
  const keys = factors.filter(({ status, factor_type: type }) => status === "verified" && type === "webauthn");
  return (
    <section className="card" aria-labelledby="keys-title">
      <h2 id="keys-title">Security keys</h2>
      <p>A small device that you plug in or hold near after your password. No other site can ask for it.</p>
      {keys.length === 0 ? null : (
        <ul className="rows" aria-label="Your security keys">
          {keys.map((key) => (
            <Key key={key.id} factor={key} />
          ))}
        </ul>
      )}
      <AddKey />
    </section>
  );
}

function Key({ factor }: { readonly factor: Factor }): ReactNode {
  const { removeFactor } = useAuth();
  const name = factor.friendly_name ?? "Security key";
  return (
    <li>
      <span>
        <strong>{name}</strong>
        {factor.created_at === undefined ? null : (
          <>
            <br />
            <span className="hint">
              added <Moment at={factor.created_at} />
            </span>
          </>
        )}
      </span>
      <ConfirmButton
        label={`Remove ${name}`}
        question="Remove this security key?"
        consequence="It is asked for no more, and you sign in again."
        confirm="Remove it"
        onConfirm={() => removeFactor(factor.id)}
      />
    </li>
  );
}

function AddKey(): ReactNode {
  const { enrolKey, hasAuthenticators, refresh, removeFactor, verifyKey } = useAuth();
  const submit = useSubmit(async (values, form) => {
    const id = await enrolKey(textOf(values, "key-name").trim());
    try {
      await verifyKey(id);
    } catch (error) {
      // An enrolment that nobody finished would keep its name; what stopped it is shown.
      await removeFactor(id);
      throw error;
    }
    form.reset();
    await refresh();
  });
  if (!hasAuthenticators) return <p className="hint">This browser cannot use security keys.</p>;
  return (
    <form onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} />
      <TextField
        label="Name of the key"
        hint="So that you know it again, for example where you keep it."
        name="key-name"
        autoComplete="off"
        maxLength={NAME_LENGTH_MAX}
        required
      />
      <button type="submit" disabled={submit.isBusy}>
        Add a security key
      </button>
    </form>
  );
}
