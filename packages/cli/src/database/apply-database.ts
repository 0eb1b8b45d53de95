// Puts a database into the state a policy was compiled to: everything in one transaction, or nothing.
import type { LintFinding, PostgresArtifact } from "@holdfast/compile";
import type { Policy } from "@holdfast/policy";
import type { ClientBase } from "pg";
import { keepPolicy } from "./applied-policy.ts";
import { DatabasePolicyError } from "./database-error.ts";
import type { Difference } from "./difference.ts";
import { comparePolicy } from "./plan-database.ts";
import { findPlanShapes, type PlanShape } from "./plan-shape.ts";

export interface ApplyReport {
  /** Empty: the database already was what the policy says. */
  readonly changes: readonly Difference[];
  /** Warnings; apply goes on in spite of them. */
  readonly findings: readonly LintFinding[];
  readonly hash: string;
  /** Conditions that no index serves, with their plans; looked at where something was changed. */
  readonly shapes: readonly PlanShape[];
}

/** How long apply waits for a lock before it gives up, rather than hold up every request behind it. */
const LOCK_TIMEOUT_MS = 10_000;

/** Only one apply at a time in a database. "plan" in ASCII. */
const APPLY_LOCK = 0x706c616e;

/** A change may bring another to light, such as the rights of a column after those of its table; never more than a few times. */
const ROUNDS_MAX = 3;

/**
 * Applies the policy. A second call changes nothing. `client` is an administrator without an open transaction; the policy that
 * was compiled is kept beside its hash. Throws DatabasePolicyError, with nothing applied.
 */
export async function applyDatabase(
  client: ClientBase,
  artifact: PostgresArtifact,
  policy?: Policy,
): Promise<ApplyReport> {
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  try {
    const report = await applyPolicy(client, artifact);
    if (policy !== undefined) await keepPolicy(client, policy);
    await client.query("COMMIT");
    return report;
  } catch (error) {
    // A connection that is gone has rolled back by itself; what matters is the first error.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Applies inside the caller's transaction, who commits it or not. */
export async function applyPolicy(client: ClientBase, artifact: PostgresArtifact): Promise<ApplyReport> {
  await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query("SELECT pg_catalog.pg_advisory_xact_lock($1)", [APPLY_LOCK]);
  const changes: Difference[] = [];
  for (let round = 0; ; round += 1) {
    const plan = await comparePolicy(client, artifact);
    if (plan.obstacles.length > 0) {
      throw new DatabasePolicyError("apply/obstacle", "Run the application's migrations first.", {
        differences: plan.obstacles,
      });
    }
    const refused = plan.findings.filter(({ severity }) => severity === "refused");
    if (refused.length > 0) {
      throw new DatabasePolicyError("apply/refused", "Change the migration that made it, or revoke the rights.", {
        findings: refused,
      });
    }
    if (plan.changes.length === 0) {
      const shapes = changes.length === 0 ? [] : await findPlanShapes(client, artifact);
      return { changes, findings: plan.findings, hash: artifact.hash, shapes };
    }
    if (round === ROUNDS_MAX) {
      throw new DatabasePolicyError(
        "apply/not-converged",
        "This is a fault of Holdfast, or another session changes the database.",
        {
          differences: plan.changes,
        },
      );
    }
    for (const statement of plan.changes.flatMap((change) => change.sql)) await client.query(statement);
    changes.push(...plan.changes);
  }
}
