// The audit log: who changed which row of the audited tables, what was signed over it, and whether it still grows.
import type { AcceptedRestoreShape, AuditPage as AuditLog } from "@holdfast/server/api";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "../../ui/answer.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { data } from "../platform/data-client.ts";
import { ChangeTable } from "./change-table.tsx";
import { CheckpointList } from "./checkpoint-list.tsx";

export function AuditPage() {
  const [key, setKey] = useState("");
  const tables = useQuery({ queryKey: ["data"], queryFn: ({ signal }) => data.tables(signal) });
  const log = useInfiniteQuery({
    queryKey: ["audit", key],
    queryFn: ({ pageParam, signal }) => data.audit(key, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  const newest = log.data?.pages[0];
  const audited = (tables.data?.tables ?? []).filter(({ isAudited }) => isAudited).map(({ name }) => name);
  return (
    <>
      <h1>Audit</h1>
      <p className="under">
        {tables.data === undefined ? null : `Audited tables: ${audited.join(", ") || "none"}. `}
        Each change of a row leaves a leaf in its own transaction; a signed tree over the leaves shows what was tampered
        with.
      </p>
      {newest === undefined ? null : <State log={newest} />}
      <div className="filters">
        <label>
          Key of a row <input type="search" value={key} onChange={(event) => setKey(event.target.value.trim())} />
        </label>
      </div>
      {log.isError ? <Refusal error={log.error} what="the audit log" /> : null}
      {log.isPending ? <Loading what="the audit log" /> : null}
      {log.isSuccess ? <ChangeTable entries={log.data.pages.flatMap(({ entries }) => entries)} /> : null}
      <ShowMore pages={log} label="Older changes" />
      <h2>Signed checkpoints</h2>
      <CheckpointList />
    </>
  );
}

function State({ log: { size, fault, restores } }: { readonly log: AuditLog }) {
  return (
    <>
      {fault === null ? (
        <p>{size.toLocaleString()} changes are in the signed tree.</p>
      ) : (
        <p className="problem" role="alert">
          The log does not grow: {fault.kind} at {fault.position}.{" "}
          {fault.kind === "rolled-back" ? (
            <>
              The database was put back. If that was a restore, an administrator accepts it:{" "}
              <code>holdfast audit accept-restore --person ADDRESS --reason TEXT</code>
            </>
          ) : (
            <code>holdfast audit verify</code>
          )}
        </p>
      )}
      {restores.length === 0 ? null : <Restores restores={restores} />}
    </>
  );
}

function Restores({ restores }: { readonly restores: readonly AcceptedRestoreShape[] }) {
  return (
    <ScrollArea label="Restores that were accepted">
      <table>
        <thead>
          <tr>
            <th scope="col">Restore</th>
            <th scope="col">Changes left</th>
            <th scope="col">Changes given up</th>
            <th scope="col">Accepted by</th>
            <th scope="col">Reason</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {restores.map(({ fork, size, abandoned, person, reason, evidence, at }) => (
            <tr key={`${fork} ${evidence}`}>
              <th scope="row">{fork}</th>
              <td>{size}</td>
              <td>{Number(abandoned.split("\n")[1]) - size}</td>
              <td>
                <code>{person}</code>
              </td>
              <td>{reason}</td>
              <td>
                <Moment at={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
