// Changes, newest first. Each can be proven: the way from its row's leaves to the signed root is fetched and shown.
import type { AuditEntry } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components";
import { Answer } from "../../ui/answer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { data } from "../platform/data-client.ts";

const HASH_SHOWN = 16;

interface Row {
  readonly table: string;
  readonly key: string;
}

export function ChangeTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const [asked, setAsked] = useState<Row | null>(null);
  if (entries.length === 0) return <p>Nothing was recorded.</p>;
  return (
    <>
      <ScrollArea label="Changes, newest first">
        <table>
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Row</th>
              <th scope="col">Columns</th>
              <th scope="col">Proof</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.position}>
                <td>{entry.position}</td>
                <td>
                  <Moment at={entry.at} />
                </td>
                <td>{whoText(entry)}</td>
                <td>
                  {entry.action} <code>{entry.table}</code>
                </td>
                <td>{entry.key === null ? "–" : <code>{entry.key}</code>}</td>
                <td>{entry.columns?.join(", ") ?? "–"}</td>
                <td>
                  <ProveButton entry={entry} onAsk={setAsked} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
      {asked === null ? null : <RowProof key={`${asked.table} ${asked.key}`} row={asked} />}
    </>
  );
}

const whoText = ({ subject, actor, role }: AuditEntry): string =>
  `${subject ?? role}${actor === null ? "" : ` (by ${actor})`}`;

function ProveButton({ entry, onAsk }: { readonly entry: AuditEntry; readonly onAsk: (row: Row) => void }) {
  const { table, key, position } = entry;
  if (key === null) return "–";
  return (
    <Button className="plain" aria-label={`Prove change ${position}`} onPress={() => onAsk({ table, key })}>
      Prove
    </Button>
  );
}

function RowProof({ row }: { readonly row: Row }) {
  const query = useQuery({
    queryKey: ["audit-proof", row],
    queryFn: ({ signal }) => data.auditProof(row.table, row.key, signal),
  });
  return (
    <section className="card" aria-labelledby="row-proof">
      <h2 id="row-proof">
        Proof of <code>{row.key}</code>
      </h2>
      <Answer query={query} what="the proof">
        {({ leaves, checkpoint }) => (
          <>
            <p className="under">
              Each leaf is hashed with the hashes beside its way, up to the root that is signed over{" "}
              {checkpoint.split("\n")[1]} changes. <code>holdfast audit prove --out FOLDER</code> writes it as files
              that verify themselves.
            </p>
            <ul>
              {leaves.map(({ position, hash, path, holds }) => (
                <li key={position}>
                  <p className={holds ? undefined : "problem"}>
                    Leaf {position} <code>{hash.slice(0, HASH_SHOWN)}…</code>:{" "}
                    {holds ? "leads to the signed root." : "does not lead to the signed root."}
                  </p>
                  <ol aria-label={`Way of leaf ${position}`}>
                    {path.map((step) => (
                      <li key={step.hash}>
                        {step.side} <code>{step.hash.slice(0, HASH_SHOWN)}…</code>
                      </li>
                    ))}
                  </ol>
                </li>
              ))}
            </ul>
          </>
        )}
      </Answer>
    </section>
  );
}
