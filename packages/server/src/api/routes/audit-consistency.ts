import type { AuditConsistency } from "../../audit/audit-shapes.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";
import { numberIn, queryOf } from "../query-input.ts";

/** That the tree of one signed checkpoint only adds to that of an earlier one. */
export const auditConsistency: ApiRoute = {
  id: "GET /platform/v1/audit/consistency",
  async handle({ audit }, request): Promise<AuditConsistency> {
    const raw = queryOf(request.query, ["from", "to"]);
    const from = numberIn(raw, "from", 0, Number.MAX_SAFE_INTEGER);
    if (from === undefined) throw new ApiProblem("platform/input-invalid", "Expected from, the size of a checkpoint.");
    const proof = await audit.consistency({ from, to: numberIn(raw, "to", 0, Number.MAX_SAFE_INTEGER) });
    if (proof === null)
      throw new ApiProblem("platform/not-found", "There are no two such checkpoints, the smaller first.");
    return proof;
  },
};
