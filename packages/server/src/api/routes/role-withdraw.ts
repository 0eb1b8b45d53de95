import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by, idIn } from "../people-input.ts";

export const roleWithdraw: ApiRoute = {
  id: "POST /platform/v1/people/:id/roles/withdraw",
  async handle({ administration }, request) {
    const { role, reason } = bodyIn<{ role: string; reason: string }>(request, "role", "reason");
    await administration.withdrawRole(by(this, request), { userId: idIn(request), role, reason });
    return {};
  },
};
