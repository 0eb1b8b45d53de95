import type { AuditPage } from "../../audit/audit-shapes.ts";
import type { ApiRoute } from "../api-route.ts";
import { PAGE_MAX } from "../page.ts";
import { numberIn, queryOf, textIn } from "../query-input.ts";

/** Who changed which row of the audited tables. */
export const auditList: ApiRoute = {
  id: "GET /platform/v1/audit",
  handle({ audit }, request): Promise<AuditPage> {
    const raw = queryOf(request.query, ["table", "key", "cursor", "limit"]);
    return audit.page({
      table: textIn(raw, "table"),
      key: textIn(raw, "key"),
      cursor: numberIn(raw, "cursor", 0, Number.MAX_SAFE_INTEGER),
      limit: numberIn(raw, "limit", 1, PAGE_MAX),
    });
  },
};
