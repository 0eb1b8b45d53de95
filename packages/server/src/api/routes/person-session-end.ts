import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";
import { by, idIn } from "../people-input.ts";

export const personSessionEnd: ApiRoute = {
  id: "DELETE /platform/v1/people/:id/sessions/:session",
  async handle({ administration }, request) {
    const ended = await administration.endSessions(by(this, request), idIn(request), idIn(request, "session"));
    if (ended.length === 0) throw new ApiProblem("platform/not-found", "There is no session of that id.");
    return { ended: ended.length };
  },
};
