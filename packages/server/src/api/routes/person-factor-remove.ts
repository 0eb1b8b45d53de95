import type { ApiRoute } from "../api-route.ts";
import { by, idIn } from "../people-input.ts";

export const personFactorRemove: ApiRoute = {
  id: "DELETE /platform/v1/people/:id/factors/:factor",
  async handle({ administration }, request) {
    await administration.removeFactor(by(this, request), idIn(request), idIn(request, "factor"));
    return {};
  },
};
