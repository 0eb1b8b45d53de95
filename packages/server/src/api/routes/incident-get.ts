import { causeOfIncident, causesOf } from "../../alerts/alert-cause.ts";
import { viewIncident } from "../../incidents/incident-fold.ts";
import { ApiProblem } from "../api-problem.ts";
import { type ApiRoute, parameter } from "../api-route.ts";
import type { IncidentDetail } from "../shapes.ts";

export const incidentGet: ApiRoute = {
  id: "GET /platform/v1/incidents/:id",
  async handle({ incidents, alerts, database, now, settled }, request): Promise<IncidentDetail> {
    await settled();
    const incident = incidents.state.get(parameter(request, "id"));
    if (incident === undefined) throw new ApiProblem("platform/not-found", "There is no incident of that id.");
    const alertDetails = incident.alerts.flatMap((id) => alerts.state.alerts.get(id) ?? []);
    const causes = await causesOf(database, alertDetails);
    return {
      ...viewIncident(incident, now()),
      causedByCheck: causeOfIncident(incident, causes),
      alertDetails: alertDetails.map((alert) => ({ ...alert, causedByCheck: causes.get(alert.id) ?? null })),
    };
  },
};
