import type { ApiRoute } from "../api-route.ts";
import { by, idIn } from "../people-input.ts";

export const personDelete: ApiRoute = {
  id: "DELETE /platform/v1/people/:id",
  async handle({ administration }, request) {
    await administration.remove(by(this, request), idIn(request));
    return {};
  },
};
