import { acceptRefusals } from "@holdfast/postgres";
import type { FastifyRequest } from "fastify";
import type { AcceptedRestoreShape } from "../../audit/audit-shapes.ts";
import { ApiProblem } from "../api-problem.ts";
import { type ApiContext, type ApiRoute, personOf } from "../api-route.ts";
import { bodyIn } from "../people-input.ts";
import { noteOf } from "../query-input.ts";

interface Body {
  readonly reason: string;
  readonly record: string;
  /** Named by the operator's own program. Whoever is signed in is the person. */
  readonly person?: string;
}

/** Lets the audit log of a database that was put back go on: by a person, for a reason, with the signed record of the restore. */
export const auditAccept: ApiRoute = {
  id: "POST /platform/v1/audit/restores",
  async handle(context, request): Promise<AcceptedRestoreShape> {
    const body = bodyIn<Body>(request, "reason", "record");
    const reason = noteOf({ note: body.reason });
    const person = await personBehind(context, request, body.person);
    const accepted = await context.audit.accept({ person, reason, record: String(body.record) });
    if (!("refused" in accepted)) return accepted;
    const { refused } = accepted;
    if (refused === "evidence-forged") {
      throw new ApiProblem(
        "platform/evidence-refused",
        "Expected the record that holdfast restore signed; this is not one.",
      );
    }
    const isEvidence = refused === "evidence-used" || refused === "evidence-other";
    const code = isEvidence ? "platform/evidence-refused" : "platform/restore-refused";
    throw new ApiProblem(code, `${acceptRefusals[refused]}.`);
  },
};

/** A program may say who decided, where that is an administrator. */
async function personBehind(context: ApiContext, request: FastifyRequest, named: string | undefined): Promise<string> {
  if (request.subject.kind === "person" || named === undefined) return personOf(request).id;
  const { policy, administration } = context;
  const { people } = await administration.people({ search: named, roles: [policy.platform.administrator], limit: 2 });
  const found = people.find(({ id, email }) => id === named || email === named.trim().toLowerCase());
  if (found === undefined) {
    throw new ApiProblem("platform/person-required", "No administrator has this address or id.");
  }
  return found.id;
}
