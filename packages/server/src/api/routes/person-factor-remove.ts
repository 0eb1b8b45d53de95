import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by, idIn } from "../people-input.ts";

export const personFactorRemove: ApiRoute = {
  id: "POST /platform/v1/people/:id/factors/:factor/remove",
  async handle({ administration }, request) {
    const { reason } = bodyIn<{ reason: string }>(request, "reason");
    await administration.removeFactor(by(this, request), idIn(request), idIn(request, "factor"), reason);
    return {};
  },
};
