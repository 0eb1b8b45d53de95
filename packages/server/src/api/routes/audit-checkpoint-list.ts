import type { AuditCheckpointPage } from "../../audit/audit-shapes.ts";
import type { ApiRoute } from "../api-route.ts";
import { PAGE_MAX } from "../page.ts";
import { numberIn, queryOf } from "../query-input.ts";

export const auditCheckpointList: ApiRoute = {
  id: "GET /platform/v1/audit/checkpoints",
  handle({ audit }, request): Promise<AuditCheckpointPage> {
    const raw = queryOf(request.query, ["cursor", "limit"]);
    return audit.checkpoints({
      cursor: numberIn(raw, "cursor", 0, Number.MAX_SAFE_INTEGER),
      limit: numberIn(raw, "limit", 1, PAGE_MAX),
    });
  },
};
