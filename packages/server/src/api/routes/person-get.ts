import type { ApiRoute } from "../api-route.ts";
import { idIn } from "../people-input.ts";
import type { PersonDetail } from "../people-shapes.ts";
import { personView } from "../person-view.ts";

export const personGet: ApiRoute = {
  id: "GET /platform/v1/people/:id",
  async handle({ administration, policy }, request): Promise<PersonDetail> {
    const id = idIn(request);
    const person = personView(policy, await administration.person(id));
    return { person, sessions: await administration.sessionsOf(id) };
  },
};
