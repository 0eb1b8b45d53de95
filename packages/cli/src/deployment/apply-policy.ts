// Puts the compiled policy into the database at every start, and says what that meant: nothing, a new policy, or drift mended.
import { BASE_SCHEMA, compilePostgres } from "@holdfast/compile";
import type { EmitEvent, Policy } from "@holdfast/policy";
import { baseMigrations, type PreparedDatabase } from "@holdfast/postgres";
import { applyDatabase } from "../database/apply-database.ts";
import type { Difference } from "../database/difference.ts";
import { findDrift } from "../database/find-drift.ts";

export type PolicyOutcome =
  | { readonly kind: "unchanged" }
  | { readonly kind: "applied"; readonly changes: number }
  /** The policy was live already, but somebody had changed the database behind its back. */
  | { readonly kind: "drift"; readonly differences: readonly Difference[] };

/** Compiles the policy and applies it in one transaction. `sabotage` then breaks the database: only a twin gives any. */
export async function applyPolicy(
  database: PreparedDatabase,
  policy: Policy,
  sabotage: readonly string[],
): Promise<PolicyOutcome> {
  const client = await database.administrator();
  try {
    const { changes } = await applyDatabase(client, compilePostgres(policy), policy);
    for (const statement of sabotage) await client.query(statement);
    return outcomeOf(changes, database.applied);
  } finally {
    await client.end();
  }
}

/** What the changes of an apply meant, when this start had just run the migrations `migrated` (as "set/name"). */
function outcomeOf(changes: readonly Difference[], migrated: readonly string[]): PolicyOutcome {
  if (changes.length === 0) return { kind: "unchanged" };
  if (changes.some((change) => change.code === "drift/manifest")) return { kind: "applied", changes: changes.length };
  const isUpgrade = migrated.some((file) => file.startsWith(`${baseMigrations.name}/`));
  const differences = changes.filter((change) => !(isUpgrade && comesWithUpgrade(change)));
  return differences.length === 0 ? { kind: "applied", changes: changes.length } : { kind: "drift", differences };
}

/** A newer Holdfast has replaced its own functions, and new ones have not yet their readers. That is no tampering. */
function comesWithUpgrade({ code, object }: Difference): boolean {
  return code === "drift/base-function" || (code === "drift/grant-missing" && object.startsWith(`${BASE_SCHEMA}.`));
}

/** What differs now from the compiled policy; changes nothing. */
export async function currentDrift(database: PreparedDatabase, policy: Policy): Promise<readonly Difference[]> {
  const client = await database.administrator();
  try {
    return (await findDrift(client, compilePostgres(policy))).differences;
  } finally {
    await client.end();
  }
}

export function emitOutcome(outcome: PolicyOutcome, emit: EmitEvent, now: number): void {
  switch (outcome.kind) {
    case "unchanged":
      return;
    case "applied":
      return emit({ name: "policy.applied", at: now, detail: { changes: outcome.changes } });
    case "drift":
      return emit({
        name: "policy.drift-found",
        at: now,
        reason: outcome.differences[0]?.code ?? "unknown",
        detail: { differences: outcome.differences.length, first: outcome.differences[0]?.object ?? "" },
      });
  }
}
