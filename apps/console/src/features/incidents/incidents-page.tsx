import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../ui/answer.tsx";
import { CausedBy } from "../../ui/caused-by.tsx";
import { duration, Moment } from "../../ui/moment.tsx";
import { Severity } from "../../ui/status-mark.tsx";
import { platform } from "../platform/platform-client.ts";

export function IncidentsPage() {
  const query = useQuery({ queryKey: ["incidents"], queryFn: ({ signal }) => platform.incidents(signal) });
  return (
    <>
      <h1>Incidents</h1>
      <Answer query={query} what="the incidents">
        {({ incidents }) =>
          incidents.length === 0 ? (
            <p>No incident has been opened.</p>
          ) : (
            <ul className="cards">
              {incidents.map((incident) => (
                <li key={incident.id} className={`card card-${incident.state}`}>
                  <h2>
                    <Link to="/incidents/$id" params={{ id: incident.id }}>
                      {incident.sentence}
                    </Link>{" "}
                    <span className="state">{incident.state}</span>
                  </h2>
                  <p className="under">
                    <Severity id={incident.severityId} /> · opened <Moment at={incident.openedAt} /> ·{" "}
                    {incident.responseSeconds === null
                      ? "nobody has acknowledged it"
                      : `acknowledged after ${duration(incident.responseSeconds)}`}
                    {incident.late ? " · late" : ""}
                    <CausedBy check={incident.causedByCheck} />
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </>
  );
}
