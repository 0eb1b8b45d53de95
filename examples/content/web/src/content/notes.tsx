import { useAuth, usePermission } from "@holdfast/react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading } from "../ui/loading.tsx";
import { Moment } from "../ui/moment.tsx";
import { textOf, useSubmit } from "../ui/use-submit.ts";
import type { Content } from "./content-api.ts";
import { type Note, noteApi } from "./note-api.ts";

/** What an author notes for nobody else, for whoever the policy lets write such a note. */
export function Notes({ content }: { readonly content: Content }): ReactNode {
  const { user } = useAuth();
  const row = { id: "", content_id: content.id, owner_id: user?.id ?? "" };
  const tables = { content: [{ ...content }] };
  const mayNote = usePermission({ kind: "table", table: "notes", operation: "insert" }, { newRow: row, tables });
  return mayNote ? <NoteList content={content} /> : null;
}

function NoteList({ content }: { readonly content: Content }): ReactNode {
  const [notes, setNotes] = useState<readonly Note[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const read = useCallback(() => noteApi.list(content.id).then(setNotes, setFailure), [content.id]);
  useEffect(() => void read(), [read]);

  const submit = useSubmit(async (values, form) => {
    await noteApi.add(content.id, textOf(values, "note"));
    form.reset();
    await read();
  });
  const remove = (note: Note) => noteApi.remove(note).then(read, setFailure);

  return (
    <section className="card" aria-labelledby="notes-title">
      <h2 id="notes-title">Private notes</h2>
      <p className="hint">
        Only you can read them. They are sealed before they are stored: the database holds no word of them.
      </p>
      <FailureMessage error={failure} />
      {notes === null && failure === null ? <Loading /> : null}
      {notes?.length === 0 ? <p>No notes yet.</p> : null}
      <ul className="rows">
        {notes?.map((note) => (
          <li key={note.id}>
            <span>
              {note.body}
              <br />
              <span className="hint">
                <Moment at={note.created_at} />
              </span>
            </span>
            <button
              type="button"
              aria-label={`Remove the note ${note.body.slice(0, 40)}`}
              onClick={() => void remove(note)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={submit.onSubmit}>
        <FailureMessage error={submit.error} />
        <TextField label="Note" name="note" required maxLength={2000} />
        <button type="submit" disabled={submit.isBusy}>
          Add note
        </button>
      </form>
    </section>
  );
}
