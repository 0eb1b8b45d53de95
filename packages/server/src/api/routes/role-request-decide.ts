import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by, idIn } from "../people-input.ts";
import { oneOfIn } from "../query-input.ts";

export const roleRequestDecide: ApiRoute = {
  id: "POST /platform/v1/role-requests/:id/decide",
  handle({ administration }, request) {
    const body = bodyIn<{ decision: string; note?: string }>(request, "decision");
    const words = ["approved", "refused", "withdrawn"] as const;
    const decision = oneOfIn({ decision: body.decision }, "decision", words) ?? "refused";
    return administration.decideRole(by(this, request), { id: idIn(request), decision, note: body.note ?? "" });
  },
};
