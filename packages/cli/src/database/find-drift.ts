// Is the live database still what the policy was compiled to?
import type { LintFinding, PostgresArtifact } from "@holdfast/compile";
import type { ClientBase } from "pg";
import type { Difference } from "./difference.ts";
import { planDatabase } from "./plan-database.ts";

export interface Drift {
  /** Empty: nothing was changed behind the policy's back. */
  readonly differences: readonly Difference[];
  readonly findings: readonly LintFinding[];
}

/** Compares roles, rights, columns, policies, sets and indexes with the compiled policy, and names each difference. Changes nothing. */
export async function findDrift(client: ClientBase, artifact: PostgresArtifact): Promise<Drift> {
  const plan = await planDatabase(client, artifact);
  return { differences: [...plan.obstacles, ...plan.changes], findings: plan.findings };
}
