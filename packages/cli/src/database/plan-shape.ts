// The plans PostgreSQL makes under the compiled policies, as the roles requests run as. A condition that no index serves is said with its
// plan: PostgreSQL reads every row for it, whoever asks for how few.
import { type PostgresArtifact, quoteQualified } from "@holdfast/compile";
import { explain, faultsOf, planLines } from "@holdfast/postgres";
import type { ClientBase } from "pg";

export interface PlanShape {
  /** `schema.table` */
  readonly object: string;
  readonly role: string;
  /** What is wrong with the plan, in words. */
  readonly faults: readonly string[];
  /** The plan, line by line. */
  readonly plan: readonly string[];
}

/** Of every table whose policies are in the database; inside the caller's transaction, without a trace in it. */
export async function findPlanShapes(client: ClientBase, artifact: PostgresArtifact): Promise<readonly PlanShape[]> {
  const found: PlanShape[] = [];
  for (const table of artifact.tables) {
    const readers = table.policies.find(({ name }) => name === "holdfast_select")?.roles ?? [];
    for (const role of readers) {
      const plan = await explain(client, { relation: quoteQualified(table.schema, table.name), role });
      // Whoever applies on a server of somebody else's may not be allowed to take the role; then there is nothing to say.
      if (typeof plan === "string") continue;
      const faults = faultsOf(plan);
      if (faults.length > 0)
        found.push({ object: `${table.schema}.${table.name}`, role, faults, plan: planLines(plan) });
    }
  }
  return found;
}

/** For people: once for each table, since both roles have the same conditions. */
export function describePlanShapes(shapes: readonly PlanShape[]): readonly string[] {
  const byObject = new Map(shapes.map((shape) => [shape.object, shape]));
  return [...byObject.values()].flatMap(({ object, role, faults, plan }) => [
    `${object}: ${faults.join("; ")}.  [plan-shape, as ${role}]`,
    ...plan.map((line) => `    ${line}`),
  ]);
}
