import { viewIncident } from "../../incidents/incident-fold.ts";
import { ApiProblem } from "../api-problem.ts";
import { type ApiRoute, parameter } from "../api-route.ts";
import type { IncidentDetail } from "../shapes.ts";

export const incidentGet: ApiRoute = {
  id: "GET /platform/v1/incidents/:id",
  async handle({ incidents, alerts, now, settled }, request): Promise<IncidentDetail> {
    await settled();
    const incident = incidents.state.get(parameter(request, "id"));
    if (incident === undefined) throw new ApiProblem("platform/not-found", "There is no incident of that id.");
    const alertDetails = incident.alerts.flatMap((id) => alerts.state.alerts.get(id) ?? []);
    return { ...viewIncident(incident, now()), alertDetails };
  },
};
