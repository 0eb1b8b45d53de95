// Puts the compiled policy into the database at every start, and says what that meant: nothing, a new policy, or drift mended.
import { compilePostgres } from "@holdfast/compile";
import type { EmitEvent, Policy } from "@holdfast/policy";
import type { PreparedDatabase } from "@holdfast/postgres";
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
    const { changes } = await applyDatabase(client, compilePostgres(policy));
    for (const statement of sabotage) await client.query(statement);
    if (changes.length === 0) return { kind: "unchanged" };
    const isNew = changes.some((change) => change.code === "drift/manifest");
    return isNew ? { kind: "applied", changes: changes.length } : { kind: "drift", differences: changes };
  } finally {
    await client.end();
  }
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
