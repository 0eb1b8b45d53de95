import type { ApiRoute } from "../api-route.ts";
import { idIn } from "../people-input.ts";
import type { PersonDetail } from "../people-shapes.ts";
import { personView } from "../person-view.ts";

export const personGet: ApiRoute = {
  id: "GET /platform/v1/people/:id",
  async handle({ administration, policy }, request): Promise<PersonDetail> {
    const id = idIn(request);
    const person = personView(policy, await administration.person(id));
    const sessions = (await administration.sessionsOf(id)).map((session) => ({
      id: session.id,
      createdAt: session.createdAt,
      refreshedAt: session.refreshedAt,
      notAfter: session.notAfter,
      userAgent: session.userAgent,
      address: session.address,
      actor: session.actor === null ? null : { id: session.actor.id, reason: session.actor.reason },
    }));
    return { person, sessions };
  },
};
