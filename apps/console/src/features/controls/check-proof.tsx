import type { CheckDetail, EvidenceRow } from "@holdfast/server/api";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";

export function CheckProof({ check }: { readonly check: CheckDetail }) {
  return (
    <section className="card" aria-labelledby={`check-${check.id}`}>
      <h3 id={`check-${check.id}`}>
        {check.id} <StatusMark status={check.status} />
      </h3>
      {check.newest === null ? <p>This check has not run yet.</p> : <p>{check.newest.seen}</p>}
      <SabotageLine check={check} />
      <History check={check} />
      {check.newest === null || check.newest.transcript.length === 0 ? null : (
        <details>
          <summary>
            Transcript of the newest run: {check.newest.looked} attempts, <Moment at={check.newest.finishedAt} />
          </summary>
          <Transcript evidence={check.newest} />
        </details>
      )}
      {check.sabotage === null || check.sabotage.transcript.length === 0 ? null : (
        <details>
          <summary>Transcript against the broken twin</summary>
          <Transcript evidence={check.sabotage} />
        </details>
      )}
    </section>
  );
}

function SabotageLine({ check }: { readonly check: CheckDetail }) {
  const sabotage = check.sabotage?.sabotage;
  if (check.sabotage === null || sabotage === undefined)
    return <p className="under">Its sabotage has not run yet, so its green would prove nothing.</p>;
  return (
    <p className="under">
      Sabotage “{sabotage.name}”:{" "}
      {sabotage.result === "caught"
        ? "turned the check red, as it must"
        : sabotage.result === "missed"
          ? "was missed – this check proves nothing"
          : "could not be tried"}
      , <Moment at={check.sabotage.finishedAt} />.
    </p>
  );
}

/** A bar of the last runs; grey is a run that proved nothing. */
function History({ check }: { readonly check: CheckDetail }) {
  if (check.history.length < 2) return null;
  const oldestFirst = check.history.toReversed();
  return (
    <p className="history">
      <span className="unseen">Last runs, oldest first: {oldestFirst.map((row) => row.result).join(", ")}</span>
      {oldestFirst.map((row) => (
        <span
          key={row.seq}
          aria-hidden="true"
          className={`run run-${row.result}`}
          title={`${row.result}, ${new Date(row.finishedAt).toISOString()}`}
        />
      ))}
    </p>
  );
}

function Transcript({ evidence }: { readonly evidence: EvidenceRow }) {
  return (
    <ScrollArea label={`Transcript of ${evidence.check}`}>
      <table className="transcript">
        <thead>
          <tr>
            <th scope="col">Request</th>
            <th scope="col">Expected</th>
            <th scope="col">Got</th>
            <th scope="col">Event</th>
          </tr>
        </thead>
        <tbody>
          {evidence.transcript.map((exchange, index) => (
            <tr key={`${evidence.seq}-${index}`}>
              <td>
                <code>{exchange.request}</code>
              </td>
              <td>{exchange.expected}</td>
              <td>{exchange.got}</td>
              <td>{exchange.event === undefined ? "–" : <code>{exchange.event}</code>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="under">
        Evidence {evidence.seq} · policy <code>{evidence.policyHash.slice(0, 12)}</code> · check version{" "}
        <code>{evidence.version.slice(0, 12)}</code> · hash <code>{evidence.hash.slice(0, 16)}</code>
      </p>
    </ScrollArea>
  );
}
