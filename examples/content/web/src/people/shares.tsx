import { usePermission } from "@holdfast/react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import type { Content } from "../content/content-api.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading } from "../ui/loading.tsx";
import { Moment } from "../ui/moment.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import { peopleApi, type Share } from "./people-api.ts";
import { PersonField } from "./person-field.tsx";
import { PersonName } from "./person-name.tsx";

const sentences = { "http-409": "It is shared with this person already." };

/** With whom content is shared, for whoever the policy lets share it. */
export function Shares({ content }: { readonly content: Content }): ReactNode {
  const row = { id: "", content_id: content.id, user_id: "", until: null };
  const tables = { content: [{ ...content }] };
  const mayShare = usePermission({ kind: "table", table: "shares", operation: "insert" }, { newRow: row, tables });
  return mayShare ? <ShareList content={content} /> : null;
}

function ShareList({ content }: { readonly content: Content }): ReactNode {
  const [shares, setShares] = useState<readonly Share[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const read = useCallback(() => peopleApi.shares(content.id).then(setShares, setFailure), [content.id]);
  useEffect(() => void read(), [read]);

  const submit = useSubmit(async (values, form) => {
    const until = textOf(values, "until");
    await peopleApi.share(content.id, textOf(values, "person").trim(), until === "" ? null : endOfDay(until));
    form.reset();
    await read();
  });
  const takeBack = (share: Share) => peopleApi.takeBack(share).then(read, setFailure);

  return (
    <section className="card" aria-labelledby="shares-title">
      <h2 id="shares-title">Shared with</h2>
      <FailureMessage error={failure} />
      {shares === null && failure === null ? <Loading /> : null}
      {shares?.length === 0 ? <p>Nobody but those who may read it anyway.</p> : null}
      <ul className="rows">
        {shares?.map((share) => (
          <li key={share.id}>
            <span>
              <PersonName id={share.user_id} />
              <br />
              <span className="hint">
                {share.until === null ? (
                  "Without end"
                ) : (
                  <>
                    Until <Moment at={share.until} />
                  </>
                )}
              </span>
            </span>
            <button type="button" aria-label={`Take back from ${share.user_id}`} onClick={() => void takeBack(share)}>
              Take back
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} sentences={sentences} />
        <div className="columns">
          <PersonField />
          <TextField label="Until" hint="Leave it empty to share without end." name="until" type="date" />
        </div>
        <button type="submit" disabled={submit.isBusy}>
          Share
        </button>
      </form>
    </section>
  );
}

/** The last moment of a day where the reader is. */
const endOfDay = (day: string): string => new Date(`${day}T23:59:59`).toISOString();
