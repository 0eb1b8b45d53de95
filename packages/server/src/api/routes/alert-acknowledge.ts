import { refuseAction } from "../action-problem.ts";
import { type ApiRoute, parameter, personOf } from "../api-route.ts";
import { noteOf } from "../query-input.ts";

export const alertAcknowledge: ApiRoute = {
  id: "POST /platform/v1/alerts/:id/acknowledge",
  async handle({ response }, request) {
    const result = await response.acknowledgeAlert(parameter(request, "id"), personOf(request), noteOf(request.body));
    return result.done ? result.subject : refuseAction(result.refusal);
  },
};
