import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../ui/answer.tsx";
import { duration } from "../../ui/moment.tsx";
import { platform } from "../platform/platform-client.ts";
import { Matrix } from "./matrix.tsx";
import { ScoreChart } from "./score-chart.tsx";

export function SummaryPage() {
  const query = useQuery({ queryKey: ["summary"], queryFn: ({ signal }) => platform.summary(signal) });
  return (
    <Answer query={query} what="the summary">
      {(summary) => (
        <>
          <h1 className="sentence">{summary.score.sentence}</h1>
          <p className="under">
            {summary.application.name} · {summary.proving.attemptsLastHour.toLocaleString()} attempts by{" "}
            {summary.proving.checksLastHour} checks in the last hour
            {summary.proving.running ? " · attacking now" : ""} · policy <code>{summary.policyHash.slice(0, 12)}</code>
          </p>
          {summary.health.state === "degraded" ? (
            <p role="alert" className="problem">
              Degraded: {summary.health.failing.join(", ")}. {summary.health.eventsWaiting} events are waiting to be
              written.
            </p>
          ) : null}
          <ul className="tiles">
            <Tile
              to="/alerts"
              name={openAlerts(summary.alertsOpenCausedByChecks)}
              value={String(summary.alertsOpen)}
              isBad={summary.alertsOpen > 0}
            />
            <Tile
              to="/incidents"
              name="Open incidents"
              value={String(summary.incidentsOpen)}
              isBad={summary.incidentsOpen > 0}
            />
            <Tile
              to="/incidents"
              name={`Slowest response (target ${duration(summary.incidentResponse.targetSeconds)})`}
              value={
                summary.incidentResponse.worstSeconds === null ? "–" : duration(summary.incidentResponse.worstSeconds)
              }
              isBad={(summary.incidentResponse.worstSeconds ?? 0) > summary.incidentResponse.targetSeconds}
            />
            <Tile
              to="/events"
              name="Failed sign-ins, 24 h"
              value={String(summary.events.failedSignIns24Hours)}
              isBad={false}
            />
            <Tile to="/events" name="Events, 24 h" value={summary.events.last24Hours.toLocaleString()} isBad={false} />
          </ul>
          <section aria-labelledby="by-layer">
            <h2 id="by-layer">By layer</h2>
            <ScoreChart matrix={summary.matrix} />
          </section>
          <section aria-labelledby="matrix">
            <h2 id="matrix">Controls and layers</h2>
            <Matrix matrix={summary.matrix} />
          </section>
        </>
      )}
    </Answer>
  );
}

const openAlerts = (caused: number): string =>
  caused === 0 ? "Open alerts" : `Open alerts, ${caused} caused by our own attacks`;

function Tile({
  to,
  name,
  value,
  isBad,
}: {
  readonly to: "/alerts" | "/incidents" | "/events";
  readonly name: string;
  readonly value: string;
  readonly isBad: boolean;
}) {
  return (
    <li className={isBad ? "tile tile-bad" : "tile"}>
      <Link to={to}>
        <span className="tile-value">{value}</span>
        <span className="tile-name">{name}</span>
      </Link>
    </li>
  );
}
