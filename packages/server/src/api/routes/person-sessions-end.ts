import type { ApiRoute } from "../api-route.ts";
import { by, idIn } from "../people-input.ts";

export const personSessionsEnd: ApiRoute = {
  id: "DELETE /platform/v1/people/:id/sessions",
  async handle({ administration }, request) {
    return { ended: (await administration.endSessions(by(this, request), idIn(request), null)).length };
  },
};
