import type { ApiRoute } from "../api-route.ts";
import type { RoleRequestList } from "../people-shapes.ts";
import { oneOfIn, queryOf } from "../query-input.ts";

export const roleRequestList: ApiRoute = {
  id: "GET /platform/v1/role-requests",
  async handle({ administration }, request): Promise<RoleRequestList> {
    const state = oneOfIn(queryOf(request.query, ["state"]), "state", ["open", "all"] as const) ?? "open";
    const requests = await administration.roleRequests(state);
    const ids = [...new Set(requests.flatMap(({ userId, requestedBy }) => [userId, requestedBy]))];
    const emails = await administration.addressesOf(ids);
    const reader = request.subject.id;
    return {
      requests: requests.map((one) => ({
        ...one,
        email: emails.get(one.userId) ?? "",
        requestedByEmail: emails.get(one.requestedBy) ?? "",
        mayDecide: reader !== null && reader !== one.requestedBy && reader !== one.userId,
      })),
    };
  },
};
