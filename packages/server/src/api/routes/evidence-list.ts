import { EVIDENCE_PAGE_MAX } from "../../evidence/evidence-log.ts";
import type { EvidencePage } from "../../evidence/evidence-row.ts";
import type { ApiRoute } from "../api-route.ts";
import { numberIn, queryOf, wordIn } from "../query-input.ts";

export const evidenceList: ApiRoute = {
  id: "GET /platform/v1/evidence",
  handle({ evidence }, request): Promise<EvidencePage> {
    const raw = queryOf(request.query, ["check", "cursor", "limit"]);
    const check = wordIn(raw, "check");
    const cursor = numberIn(raw, "cursor", 1, Number.MAX_SAFE_INTEGER);
    const limit = numberIn(raw, "limit", 1, EVIDENCE_PAGE_MAX);
    return evidence.query({
      ...(check === undefined ? {} : { check }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(limit === undefined ? {} : { limit }),
    });
  },
};
