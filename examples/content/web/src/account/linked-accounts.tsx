import { type Identity, useAuth } from "@holdfast/react";
import type { ReactNode } from "react";
import { providerTitle, useProviders } from "../app/providers.ts";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { useSubmit } from "../ui/use-submit.ts";

/** The ways into this account: its own address, and other providers where the policy names some. */
export function LinkedAccounts(): ReactNode {
  const { user } = useAuth();
  const providerNames = useProviders();
  const identities = user?.identities ?? [];
  const others = providerNames.filter((name) => !identities.some((identity) => identity.provider === name));
  if (providerNames.length === 0) return null;
  return (
    <section className="card" aria-labelledby="linked-title">
      <h2 id="linked-title">Linked accounts</h2>
      <p>Each of these signs you in.</p>
      <ul className="rows">
        {identities.map((identity) => (
          <li key={identity.identity_id}>
            <span>
              <strong>{providerTitle(identity.provider)}</strong>
              <br />
              <span className="hint">{addressOf(identity)}</span>
            </span>
            {identities.length > 1 ? <Unlink identity={identity} /> : null}
          </li>
        ))}
      </ul>
      {others.map((name) => (
        <Link key={name} name={name} />
      ))}
    </section>
  );
}

const addressOf = ({ identity_data: data }: Identity): string => {
  const address = data?.["email"];
  return typeof address === "string" ? address : "";
};

function Unlink({ identity }: { readonly identity: Identity }): ReactNode {
  const { unlinkIdentity } = useAuth();
  const title = providerTitle(identity.provider);
  return (
    <ConfirmButton
      label={`Unlink ${title}`}
      question={`Unlink ${title}?`}
      consequence={
        identity.provider === "email"
          ? "Your password goes with it, and your other sessions end."
          : "It no longer signs you in here."
      }
      confirm="Unlink it"
      onConfirm={() => unlinkIdentity(identity.identity_id)}
    />
  );
}

function Link({ name }: { readonly name: string }): ReactNode {
  const { linkAddress } = useAuth();
  const submit = useSubmit(async () => {
    location.assign(await linkAddress(name, "/arrived?from=%2Faccount%2Fsecurity"));
  });
  return (
    <form onSubmit={submit.onSubmit}>
      <FailureMessage error={submit.error} />
      <button type="submit" disabled={submit.isBusy}>
        Link {providerTitle(name)}
      </button>
    </form>
  );
}
