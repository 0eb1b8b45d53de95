// What separates a live database from a compiled policy: plan prints it, apply removes it, drift reports it. One comparison for all three.
import { BASE_SCHEMA, type LintFinding, lint, type PostgresArtifact, quoteLiteral } from "@holdfast/compile";
import type { ClientBase } from "pg";
import { auditDifferences } from "./audit-differences.ts";
import { printPolicies, readCatalog } from "./catalog.ts";
import { type Difference, isObstacle } from "./difference.ts";
import { findPlanShapes, type PlanShape } from "./plan-shape.ts";
import { roleDifferences, schemaDifferences } from "./role-differences.ts";
import { setDifferences, staleSets } from "./set-differences.ts";
import { shapeDifferences, tableDifferences, unlistedDifferences } from "./table-differences.ts";
import { maskerDifferences, viewDifferences } from "./view-differences.ts";

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

/** A plan, and the plans of PostgreSQL under it where the policy is in the database already. */
export interface ShapedPlan extends DatabasePlan {
  readonly shapes: readonly PlanShape[];
}

/** What would change. Changes nothing itself; takes a transaction of its own and rolls it back. */
export async function planDatabase(client: ClientBase, artifact: PostgresArtifact): Promise<ShapedPlan> {
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  try {
    const plan = await comparePolicy(client, artifact);
    const isApplied = plan.changes.length === 0 && plan.obstacles.length === 0;
    return { ...plan, shapes: isApplied ? await findPlanShapes(client, artifact) : [] };
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
  const manifest = await readManifest(client);
  const appliedHash = manifest.hash;
  const baseHash = await readBaseHash(client);
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
    ...(await maskerDifferences(client, artifact)),
    ...unlistedDifferences(catalog, artifact),
    ...tables.filter((change) => !isPolicy(change)),
    // Policies call the sets: first the functions, then the policies, and last the functions nobody calls any longer.
    ...setDifferences(catalog, artifact),
    ...tables.filter(isPolicy),
    ...(await auditDifferences(client, artifact)),
    ...(await viewDifferences(client, artifact)),
    ...staleSets(catalog, artifact),
    ...manifestDifference(artifact, manifest, baseHash),
  ];
  return { changes, obstacles, findings, appliedHash };
}

interface Manifest {
  readonly hash: string | null;
  /** Hash of the base functions when the policy was applied. */
  readonly base: string | null;
}

async function readManifest(client: ClientBase): Promise<Manifest> {
  const { rows } = await client.query<Manifest>(
    `SELECT hash, CASE jsonb_typeof(statements) WHEN 'object' THEN statements ->> 'base' END AS base
     FROM holdfast.manifest ORDER BY id DESC LIMIT 1`,
  );
  return rows[0] ?? { hash: null, base: null };
}

/** Every policy rests on what these functions say of the subject: text, owner, settings. Their rights are compared one by one. */
async function readBaseHash(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ hash: string }>(
    `SELECT encode(sha256(convert_to(string_agg(pg_get_functiondef(p.oid) || p.proowner::regrole::text, E'\n'
       ORDER BY p.oid::regprocedure::text), 'UTF8')), 'hex') AS hash
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = $1 AND p.prokind = 'f'`,
    [BASE_SCHEMA],
  );
  return rows[0]?.hash ?? "";
}

function manifestDifference(artifact: PostgresArtifact, manifest: Manifest, baseHash: string): Difference[] {
  const statements = quoteLiteral(JSON.stringify({ base: baseHash }));
  const sql = [
    `INSERT INTO holdfast.manifest (hash, statements) VALUES (${quoteLiteral(artifact.hash)}, ${statements}::pg_catalog.jsonb)`,
  ];
  if (manifest.hash !== artifact.hash) {
    const found = manifest.hash ?? "no policy applied yet";
    return [{ code: "drift/manifest", object: "holdfast.manifest", expected: artifact.hash, found, sql }];
  }
  if (manifest.base === baseHash) return [];
  return [
    {
      code: "drift/base-function",
      object: BASE_SCHEMA,
      expected: "the functions that were there when the policy was applied",
      found: "others",
      sql,
    },
  ];
}
