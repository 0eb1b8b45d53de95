import { layers } from "@holdfast/policy";
import { causesOf } from "../../alerts/alert-cause.ts";
import { matrixOf, scoreOf } from "../../controls/score.ts";
import { countEvents } from "../../events/event-query.ts";
import { incidentResponse } from "../../incidents/incident-fold.ts";
import type { ApiContext, ApiRoute } from "../api-route.ts";
import { controlSummaries } from "../control-view.ts";
import type { Summary } from "../shapes.ts";

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/** The one page: the sentence, the matrix, what waits for somebody. */
export const summary: ApiRoute = {
  id: "GET /platform/v1/summary",
  async handle(context): Promise<Summary> {
    const { policy, policyHash, database, events, alerts, incidents } = context;
    await context.settled();
    const now = context.now();
    const controls = controlSummaries(context);
    const alertsOpen = [...alerts.state.alerts.values()].filter((alert) => alert.state === "open").reverse();
    const [causes, last24Hours, failedSignIns24Hours] = await Promise.all([
      causesOf(database, alertsOpen),
      countEvents(database, now - DAY_MS),
      countEvents(database, now - DAY_MS, "signin.failed"),
    ]);
    return {
      application: policy.application,
      now,
      policyHash,
      score: scoreOf(controls.map((control) => control.status)),
      matrix: matrixOf(controls, layers),
      alertsOpen: alertsOpen.length,
      alertsOpenCausedByChecks: causes.size,
      incidentsOpen: [...incidents.state.values()].filter((incident) => incident.state === "open").length,
      incidentResponse: incidentResponse(incidents.state, policy.targets.incidentResponseSeconds, now),
      events: { newestSeq: events.newestSeq, last24Hours, failedSignIns24Hours },
      proving: provingOf(context, now),
      health: context.health(),
    };
  },
};

function provingOf({ evidence, proofs }: ApiContext, now: number): Summary["proving"] {
  const recent = [...evidence.newest.values()].flatMap(({ run }) =>
    run !== null && run.finishedAt > now - HOUR_MS ? [run] : [],
  );
  return {
    checksLastHour: recent.length,
    attemptsLastHour: recent.reduce((sum, run) => sum + run.looked, 0),
    running: proofs.running !== null,
  };
}
