import type { AlertView } from "@holdfast/server/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../ui/answer.tsx";
import { CausedBy } from "../../ui/caused-by.tsx";
import { Moment } from "../../ui/moment.tsx";
import { NoteDialog } from "../../ui/note-dialog.tsx";
import { Severity } from "../../ui/status-mark.tsx";
import { platform } from "../platform/platform-client.ts";

export function AlertsPage() {
  const query = useQuery({ queryKey: ["alerts"], queryFn: ({ signal }) => platform.alerts(null, signal) });
  return (
    <>
      <h1>Alerts</h1>
      <Answer query={query} what="the alerts">
        {({ alerts }) =>
          alerts.length === 0 ? (
            <p>No alert has been raised.</p>
          ) : (
            <ul className="cards">
              {alerts.map((alert) => (
                <AlertCard key={alert.id} alert={alert} />
              ))}
            </ul>
          )
        }
      </Answer>
    </>
  );
}

export function AlertCard({ alert }: { readonly alert: AlertView }) {
  const client = useQueryClient();
  return (
    <li className={`card card-${alert.state}`}>
      <h2>
        {alert.sentence} <span className="state">{alert.state}</span>
      </h2>
      <p className="under">
        <Severity id={alert.severityId} /> · raised <Moment at={alert.raisedAt} />
        {alert.repeats > 0 ? ` · reached ${alert.repeats} more time${alert.repeats === 1 ? "" : "s"}` : ""} ·{" "}
        {alert.evidence.length} events as evidence
        {alert.incident === null ? null : (
          <>
            {" · "}
            <Link to="/incidents/$id" params={{ id: alert.incident }}>
              its incident
            </Link>
          </>
        )}
        <CausedBy check={alert.causedByCheck} />
      </p>
      {alert.acknowledgement === null ? (
        <NoteDialog
          action="Acknowledge"
          title="Acknowledge the alert"
          hint="What do you do about it first? The note is recorded with your name and the time."
          send={(note) => platform.acknowledgeAlert(alert.id, note)}
          onSent={() => void client.invalidateQueries({ queryKey: ["alerts"] })}
        />
      ) : (
        <p>
          Acknowledged by {alert.acknowledgement.email ?? alert.acknowledgement.by},{" "}
          <Moment at={alert.acknowledgement.at} />: “{alert.acknowledgement.note}”
        </p>
      )}
    </li>
  );
}
