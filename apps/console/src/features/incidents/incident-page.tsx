import type { IncidentDetail } from "@holdfast/server/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Answer } from "../../ui/answer.tsx";
import { CausedBy } from "../../ui/caused-by.tsx";
import { duration, Moment } from "../../ui/moment.tsx";
import { NoteDialog } from "../../ui/note-dialog.tsx";
import { AlertCard } from "../alerts/alerts-page.tsx";
import { platform } from "../platform/platform-client.ts";

export function IncidentPage() {
  const { id } = useParams({ from: "/shell/incidents/$id" });
  const query = useQuery({ queryKey: ["incident", id], queryFn: ({ signal }) => platform.incident(id, signal) });
  return (
    <Answer query={query} what="the incident">
      {(incident) => (
        <>
          <h1>
            {incident.sentence} <span className="state">{incident.state}</span>
          </h1>
          <p className="under">
            The clock started <Moment at={incident.firstEventAt} />, with the first event.{" "}
            {incident.responseSeconds === null ? (
              <>
                Due{" "}
                <time dateTime={new Date(incident.dueAt).toISOString()}>
                  {new Date(incident.dueAt).toLocaleTimeString()}
                </time>
                .
              </>
            ) : (
              `A person answered after ${duration(incident.responseSeconds)}.`
            )}
            {incident.late ? " That is late." : ""}
            <CausedBy check={incident.causedByCheck} />
          </p>
          <Actions incident={incident} />
          <h2>Timeline</h2>
          <ol className="timeline">
            {incident.timeline.map((entry) => (
              <li key={`${entry.at}-${entry.kind}`}>
                <Moment at={entry.at} /> – {entry.kind} by {entry.by}
                {entry.note === "" ? "" : `: “${entry.note}”`}
              </li>
            ))}
          </ol>
          <h2>Alerts</h2>
          <ul className="cards">
            {incident.alertDetails.map((alert) => (
              <AlertCard key={alert.id} alert={alert} />
            ))}
          </ul>
        </>
      )}
    </Answer>
  );
}

function Actions({ incident }: { readonly incident: IncidentDetail }) {
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries();
  switch (incident.state) {
    case "open":
      return (
        <NoteDialog
          action="Acknowledge"
          title="Acknowledge the incident"
          hint="What do you do first? The response clock stops with your name."
          send={(note) => platform.acknowledgeIncident(incident.id, note)}
          onSent={refresh}
        />
      );
    case "acknowledged":
      return (
        <NoteDialog
          action="Close"
          title="Close the incident"
          hint="What was it, and what keeps it from coming back?"
          send={(note) => platform.closeIncident(incident.id, note)}
          onSent={refresh}
        />
      );
    case "closed":
      return (
        <p>
          Closed by {incident.closing?.email ?? incident.closing?.by}: “{incident.closing?.note}”
        </p>
      );
  }
}
