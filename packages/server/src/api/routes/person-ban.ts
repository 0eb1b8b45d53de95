import type { ApiRoute } from "../api-route.ts";
import { bodyIn, by, idIn } from "../people-input.ts";

/** Null lifts the ban. */
export const personBan: ApiRoute = {
  id: "POST /platform/v1/people/:id/ban",
  async handle({ administration }, request) {
    const { until } = bodyIn<{ until: number | null }>(request, "until");
    await administration.ban(by(this, request), idIn(request), until);
    return {};
  },
};
