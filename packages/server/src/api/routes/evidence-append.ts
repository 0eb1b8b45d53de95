import { ObservationProblem, parseObservations } from "../../evidence/observation-input.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";
import type { EvidenceAccepted } from "../shapes.ts";

/** Observations of checks become evidence. Only the operator's own programs may report (the policy says so). */
export const evidenceAppend: ApiRoute = {
  id: "POST /platform/v1/evidence",
  async handle({ evidence, controls, now }, request, reply): Promise<EvidenceAccepted> {
    const knownChecks = new Set(controls.flatMap((control) => control.checks));
    try {
      const rows = await evidence.append(parseObservations(request.body, { knownChecks, now: now() }));
      void reply.code(201);
      return { firstSeq: rows[0]?.seq ?? 0, lastSeq: rows.at(-1)?.seq ?? 0 };
    } catch (cause) {
      if (cause instanceof ObservationProblem) throw new ApiProblem(cause.code, cause.message, cause);
      throw cause;
    }
  },
};
