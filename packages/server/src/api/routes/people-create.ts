import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by } from "../people-input.ts";

/** An account without a password: the person sets one through a link. */
export const peopleCreate: ApiRoute = {
  id: "POST /platform/v1/people",
  async handle({ administration, policy }, request, reply) {
    const { email, roles } = bodyIn<{ email: string; roles?: readonly string[] }>(request, "email");
    const wanted = { email, roles: roles ?? policy.identity.defaultRoles };
    void reply.code(201);
    return administration.create(by(this, request), wanted);
  },
};
