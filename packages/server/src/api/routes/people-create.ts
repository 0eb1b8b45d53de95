import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by } from "../people-input.ts";

interface Body {
  readonly email: string;
  readonly roles?: readonly string[];
  readonly invite?: boolean;
}

/** An account without a password: the person sets one through a link, which `invite` mails at once. */
export const peopleCreate: ApiRoute = {
  id: "POST /platform/v1/people",
  async handle({ administration, policy }, request, reply) {
    const { email, roles, invite = false } = bodyIn<Body>(request, "email");
    const wanted = { email, roles: roles ?? policy.identity.defaultRoles, isInvited: invite };
    void reply.code(201);
    return administration.create(by(this, request), wanted);
  },
};
