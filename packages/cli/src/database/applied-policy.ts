// The policy that was applied last, kept in its normal form beside its hash, so that a plan can say in words what a change means.
import { type Change, canonicalJson, difference, type Policy } from "@holdfast/policy";
import type { ClientBase } from "pg";

/** Keeps the policy beside the manifest that has just been compared with; inside the caller's transaction. */
export async function keepPolicy(client: ClientBase, policy: Policy): Promise<void> {
  await client.query(
    `UPDATE holdfast.manifest
     SET statements = CASE pg_catalog.jsonb_typeof(statements) WHEN 'object' THEN statements ELSE '{}' END
       || pg_catalog.jsonb_build_object('policy', $1::pg_catalog.jsonb)
     WHERE id = (SELECT pg_catalog.max(id) FROM holdfast.manifest)
       AND statements -> 'policy' IS DISTINCT FROM $1::pg_catalog.jsonb`,
    [canonicalJson(policy)],
  );
}

/** What would change in words; null where no policy was kept, or by a version that wrote it in another form. */
export async function changesSinceApplied(client: ClientBase, policy: Policy): Promise<readonly Change[] | null> {
  const { rows } = await client.query<{ policy: Policy | null }>(
    `SELECT CASE jsonb_typeof(statements) WHEN 'object' THEN statements -> 'policy' END AS policy
     FROM holdfast.manifest ORDER BY id DESC LIMIT 1`,
  );
  const kept = rows[0]?.policy ?? null;
  if (kept === null) return null;
  try {
    return difference(kept, policy);
  } catch {
    // Another version of Holdfast kept it, whose normal form has other parts: nothing can be said, rather than half of it.
    return null;
  }
}
