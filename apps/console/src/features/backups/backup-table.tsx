import type { BackupSummary } from "@holdfast/server/api";
import { useState } from "react";
import { Button } from "react-aria-components";
import { bytesText } from "../../ui/bytes-text.ts";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { BackupStateMark } from "./backup-state.tsx";

const SHOWN_FIRST = 20;

export function BackupTable({ backups }: { readonly backups: readonly BackupSummary[] }) {
  const [isWhole, setWhole] = useState(false);
  if (backups.length === 0) return <p>There is no backup yet.</p>;
  const shown = isWhole ? backups : backups.slice(0, SHOWN_FIRST);
  return (
    <>
      <h2>Backups</h2>
      <p className="under">A backup is proven when its newest restore drill passed. Until then it does not count.</p>
      <ScrollArea label="Backups, newest first">
        <table>
          <thead>
            <tr>
              <th scope="col">Made</th>
              <th scope="col">State</th>
              <th scope="col">Data</th>
              <th scope="col">Stored</th>
              <th scope="col">PostgreSQL</th>
              <th scope="col">Drill</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((backup) => (
              <BackupRow key={backup.id} backup={backup} />
            ))}
          </tbody>
        </table>
      </ScrollArea>
      {shown.length < backups.length ? (
        <Button className="plain" onPress={() => setWhole(true)}>
          Show all {backups.length}
        </Button>
      ) : null}
    </>
  );
}

function BackupRow({ backup }: { readonly backup: BackupSummary }) {
  const { id, state, endedAt, plainBytes, storedBytes, serverVersion, parent, drill, problem } = backup;
  return (
    <tr>
      <th scope="row">
        {endedAt === null ? "unknown" : <Moment at={endedAt} />}
        <div className="under">
          <code>{id}</code>
        </div>
        {parent === null ? null : (
          <div className="under">
            what changed since <code>{parent}</code>
          </div>
        )}
      </th>
      <td>
        <BackupStateMark state={state} />
        {problem === null ? null : <p className="problem">{problem}</p>}
      </td>
      <td>{plainBytes === null ? "unknown" : bytesText(plainBytes)}</td>
      <td>{storedBytes === null ? "unknown" : bytesText(storedBytes)}</td>
      <td>{serverVersion ?? "unknown"}</td>
      <td>{drill === null ? "none yet" : <a href={`#drill-${drill}`}>its drill</a>}</td>
    </tr>
  );
}
