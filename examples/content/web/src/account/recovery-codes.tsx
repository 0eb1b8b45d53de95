import { useAuth, useRecoveryCodesStatus } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { useSubmit } from "../ui/use-submit.ts";

/** A code is easier to copy by hand in groups of this many characters. */
const CODE_GROUP = /.{1,4}/g;

const sentences: Readonly<Record<string, string>> = {
  mfa_recovery_codes_sole_factor: "Set up a second factor or a passkey first: recovery codes stand in for it.",
};

/** Codes for the day the second factor is lost. They are on the page once, right after they were made. */
export function RecoveryCodes(): ReactNode {
  const { makeRecoveryCodes, remakeRecoveryCodes, removeRecoveryCodes } = useAuth();
  const status = useRecoveryCodesStatus();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const show = async (made: Promise<readonly string[]>) => {
    setCodes(await made);
    await status.reload();
  };
  const make = useSubmit(() => show(makeRecoveryCodes()));
  return (
    <section className="card" aria-labelledby="recovery-title">
      <h2 id="recovery-title">Recovery codes</h2>
      <FailureMessage error={status.error} />
      {codes === null ? null : <Codes codes={codes} onKept={() => setCodes(null)} />}
      {status.value === null ? (
        status.error === null && <Loading />
      ) : status.value.total === 0 ? (
        <form onSubmit={make.onSubmit}>
          <p>Each of ten codes stands in once for a second factor or a passkey you have lost.</p>
          <FailureMessage error={make.error} sentences={sentences} />
          <button type="submit" disabled={make.isBusy}>
            Make recovery codes
          </button>
        </form>
      ) : (
        <>
          <p>
            {status.value.remaining} of {status.value.total} codes are left.
          </p>
          <div className="actions">
            <ConfirmButton
              label="Make new codes"
              question="Make new recovery codes?"
              consequence="The codes you have now stop working."
              confirm="Make new ones"
              onConfirm={() => show(remakeRecoveryCodes())}
            />
            <ConfirmButton
              label="Remove the codes"
              question="Remove your recovery codes?"
              consequence="Without them nothing stands in for a second factor or a passkey that is lost."
              confirm="Remove them"
              onConfirm={async () => {
                await removeRecoveryCodes();
                setCodes(null);
                await status.reload();
              }}
            />
          </div>
        </>
      )}
    </section>
  );
}

function Codes({ codes, onKept }: { readonly codes: readonly string[]; readonly onKept: () => void }): ReactNode {
  return (
    <output className="notice">
      <p>Keep these where you keep important papers. They are shown this once.</p>
      <ul aria-label="Your new recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code.match(CODE_GROUP)?.join("-")}</code>
          </li>
        ))}
      </ul>
      <button type="button" onClick={onKept}>
        I have kept them
      </button>
    </output>
  );
}
