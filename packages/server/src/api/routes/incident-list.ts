import { causeOfIncident, causesOf } from "../../alerts/alert-cause.ts";
import { viewIncident } from "../../incidents/incident-fold.ts";
import type { ApiRoute } from "../api-route.ts";
import { CURSOR_MAX, PAGE_MAX, pageOf } from "../page.ts";
import { numberIn, oneOfIn, queryOf } from "../query-input.ts";
import type { IncidentPage } from "../shapes.ts";

export const incidentList: ApiRoute = {
  id: "GET /platform/v1/incidents",
  async handle({ alerts, database, incidents, now, settled }, request): Promise<IncidentPage> {
    await settled();
    const raw = queryOf(request.query, ["state", "cursor", "limit"]);
    const state = oneOfIn(raw, "state", ["open", "acknowledged", "closed"] as const);
    const all = [...incidents.state.values()].reverse();
    const wanted = state === undefined ? all : all.filter((incident) => incident.state === state);
    const { entries, next } = pageOf(
      wanted,
      numberIn(raw, "cursor", 0, CURSOR_MAX),
      numberIn(raw, "limit", 1, PAGE_MAX),
    );
    const own = entries.flatMap((incident) => incident.alerts).flatMap((id) => alerts.state.alerts.get(id) ?? []);
    const causes = await causesOf(database, own);
    const view = (incident: (typeof entries)[number]) => ({
      ...viewIncident(incident, now()),
      causedByCheck: causeOfIncident(incident, causes),
    });
    return { incidents: entries.map(view), next };
  },
};
