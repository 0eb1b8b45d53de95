// What separates a live database from a compiled policy: plan prints it, apply removes it, drift reports it. One comparison for all three.
import { type LintFinding, lint, type PostgresArtifact } from "@holdfast/compile";
import type { ClientBase } from "pg";
import { printPolicies, readCatalog } from "./catalog.ts";
import { type Difference, isObstacle } from "./difference.ts";
import { roleDifferences, schemaDifferences } from "./role-differences.ts";
import { setDifferences, staleSets } from "./set-differences.ts";
import { shapeDifferences, tableDifferences, unlistedDifferences } from "./table-differences.ts";

export interface DatabasePlan {
  /** What apply would run, in order. */
  readonly changes: readonly Difference[];
  /** What apply cannot change; it stops. */
  readonly obstacles: readonly Difference[];
  /** Traps outside the policy: `refused` ones stop apply, warnings do not. */
  readonly findings: readonly LintFinding[];
  /** Hash of the policy that was applied last, or null. */
  readonly appliedHash: string | null;
}

/** What would change. Changes nothing itself; takes a transaction of its own and rolls it back. */
export async function planDatabase(client: ClientBase, artifact: PostgresArtifact): Promise<DatabasePlan> {
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  try {
    return await comparePolicy(client, artifact);
  } finally {
    await client.query("ROLLBACK");
  }
}

/** The comparison inside the caller's transaction, whose search path is empty afterwards. */
export async function comparePolicy(client: ClientBase, artifact: PostgresArtifact): Promise<DatabasePlan> {
  // Names are printed in full only where no path leads to them.
  await client.query("SET LOCAL search_path = ''");
  const catalog = await readCatalog(client, artifact);
  const findings = lint(catalog, artifact);
  const appliedHash = await readAppliedHash(client);
  const before = [
    ...roleDifferences(catalog, artifact),
    ...schemaDifferences(catalog, artifact),
    ...shapeDifferences(catalog, artifact),
  ];
  const obstacles = before.filter(isObstacle);
  if (obstacles.length > 0)
    return { changes: before.filter((change) => !isObstacle(change)), obstacles, findings, appliedHash };
  const printed = await printPolicies(client, artifact);
  const tables = tableDifferences(catalog, artifact, printed);
  const isPolicy = (change: Difference): boolean => change.code.startsWith("drift/policy-");
  const changes = [
    ...before,
    ...unlistedDifferences(catalog, artifact),
    ...tables.filter((change) => !isPolicy(change)),
    // Policies call the sets: first the functions, then the policies, and last the functions nobody calls any longer.
    ...setDifferences(catalog, artifact),
    ...tables.filter(isPolicy),
    ...staleSets(catalog, artifact),
    ...manifestDifference(artifact, appliedHash),
  ];
  return { changes, obstacles, findings, appliedHash };
}

async function readAppliedHash(client: ClientBase): Promise<string | null> {
  const { rows } = await client.query<{ hash: string }>("SELECT hash FROM holdfast.manifest ORDER BY id DESC LIMIT 1");
  return rows[0]?.hash ?? null;
}

function manifestDifference(artifact: PostgresArtifact, appliedHash: string | null): Difference[] {
  if (appliedHash === artifact.hash) return [];
  return [
    {
      code: "drift/manifest",
      object: "holdfast.manifest",
      expected: artifact.hash,
      found: appliedHash ?? "no policy applied yet",
      sql: [`INSERT INTO holdfast.manifest (hash) VALUES ('${artifact.hash}')`],
    },
  ];
}
