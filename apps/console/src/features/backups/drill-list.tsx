// Restore drills: what each found, step by step, how much would have been lost and how long it took, and the signed report.
import type { BackupStatus, DrillPage, DrillStep } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { duration, Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { data } from "../platform/data-client.ts";

const SECOND_MS = 1_000;

type Drill = DrillPage["drills"][number];

export function DrillList({ status }: { readonly status: BackupStatus }) {
  // Another newest drill means that there is more to read.
  const query = useQuery({
    queryKey: ["backups", "drills", status.newestDrill?.id],
    queryFn: ({ signal }) => data.drills(signal),
  });
  return (
    <>
      <h2>Restore drills</h2>
      <Answer query={query} what="the drills">
        {({ drills, publicKey }) =>
          drills.length === 0 ? (
            <p>No backup was restored on trial yet.</p>
          ) : (
            <>
              {drills.map((drill, index) => (
                <DrillCard key={drill.statement.id} drill={drill} status={status} isOpen={index === 0} />
              ))}
              <details>
                <summary>The key that verifies the signatures</summary>
                <pre className="message">{publicKey}</pre>
              </details>
            </>
          )
        }
      </Answer>
    </>
  );
}

interface DrillCardProps {
  readonly drill: Drill;
  readonly status: BackupStatus;
  readonly isOpen: boolean;
}

function DrillCard({ drill, status, isOpen }: DrillCardProps) {
  const { statement } = drill;
  const isPassed = statement.result === "passed";
  return (
    <details className={`card ${isPassed ? "" : "card-open"}`} id={`drill-${statement.id}`} open={isOpen}>
      <summary>
        <span className={`status status-${isPassed ? "held" : "broken"}`}>
          <span aria-hidden="true">{isPassed ? "●" : "✕"}</span> {statement.result}
        </span>{" "}
        <Moment at={statement.finishedAt} />
      </summary>
      <dl className="facts">
        <div className="pair">
          <dt>Backup</dt>
          <dd>
            <code>{statement.backup}</code>
          </dd>
        </div>
        <div className="pair">
          <dt>Restored to</dt>
          <dd>
            {statement.restoredTo === null ? "did not come that far" : new Date(statement.restoredTo).toISOString()}
          </dd>
        </div>
        <div className="pair">
          <dt>Would have been lost</dt>
          <dd>{against(statement.recoveryPointMs, status.recoveryPointSeconds)}</dd>
        </div>
        <div className="pair">
          <dt>Took, until it answered</dt>
          <dd>{against(statement.recoveryTimeMs, status.recoveryTimeSeconds)}</dd>
        </div>
      </dl>
      <Steps steps={statement.steps} />
      <details>
        <summary>The report as it was signed</summary>
        <pre className="message">{drill.report}</pre>
        <p className="under">
          Signature (Ed25519, base64): <code className="secret">{drill.signature}</code>
        </p>
      </details>
    </details>
  );
}

/** The drill's figure beside what the policy allows today. */
function against(ms: number | null, allowedSeconds: number): string {
  const allowed = `(the policy allows ${duration(allowedSeconds)})`;
  if (ms === null) return `nothing was restored ${allowed}`;
  const seconds = ms / SECOND_MS;
  return `${seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds)} ${allowed}`;
}

const shapes: Readonly<Record<DrillStep["result"], string>> = { held: "●", broken: "✕", unproven: "○" };

function Steps({ steps }: { readonly steps: readonly DrillStep[] }) {
  return (
    <ScrollArea label="What the drill looked at">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Result</th>
            <th scope="col">Seen</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ name, result, seen }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <span className={`status status-${result}`}>
                  <span aria-hidden="true">{shapes[result]}</span> {result}
                </span>
              </td>
              <td>{seen}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
