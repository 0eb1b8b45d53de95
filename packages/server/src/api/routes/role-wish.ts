import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by, idIn } from "../people-input.ts";
import type { RoleOutcome } from "../people-shapes.ts";

/** Gives a role, or asks another administrator for it where the policy says so. */
export const roleWish: ApiRoute = {
  id: "POST /platform/v1/people/:id/roles",
  handle({ administration }, request): Promise<RoleOutcome> {
    const {
      role,
      reason,
      until = null,
    } = bodyIn<{ role: string; reason: string; until?: number }>(request, "role", "reason");
    return administration.wishRole(by(this, request), { userId: idIn(request), role, reason, until });
  },
};
