import type { AuditProof } from "../../audit/audit-shapes.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";
import { queryOf, textIn } from "../query-input.ts";

/** Every recorded change of a row, each with what it takes to come from it to the signed root. */
export const auditProve: ApiRoute = {
  id: "GET /platform/v1/audit/proof",
  async handle({ audit }, request): Promise<AuditProof> {
    const raw = queryOf(request.query, ["table", "key"]);
    const [table, key] = [textIn(raw, "table"), textIn(raw, "key")];
    if (table === undefined || key === undefined) {
      throw new ApiProblem("platform/input-invalid", "Expected the table, as schema.table, and the row's key.");
    }
    const proof = await audit.prove({ table, key });
    if (proof === null) throw new ApiProblem("platform/not-found", "Nothing was signed yet.");
    return proof;
  },
};
