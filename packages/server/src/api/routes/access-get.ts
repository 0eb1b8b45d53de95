import { accessReport } from "../access-view.ts";
import type { ApiRoute } from "../api-route.ts";
import type { AccessReport } from "../people-shapes.ts";
import { queryOf, textIn } from "../query-input.ts";

export const accessGet: ApiRoute = {
  id: "GET /platform/v1/access",
  handle(context, request): Promise<AccessReport> {
    const raw = queryOf(request.query, ["who", "what"]);
    return accessReport(context, { who: textIn(raw, "who"), what: textIn(raw, "what") });
  },
};
