// A masked view holds on to the columns it reads: PostgreSQL changes none of them while it is there.
import { MASKED_SCHEMA, MASKING, type PostgresArtifact, quoteQualified } from "@holdfast/compile";
import type { ClientBase } from "pg";

/**
 * Makes the masked view of a table as the policy has it now, at once for whoever reads it: without a column that the policy seals, so that
 * the column can be exchanged. `client` has no open transaction; `key` is the table's in the policy.
 */
export async function renewMaskedView(client: ClientBase, artifact: PostgresArtifact, key: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_views WHERE schemaname = $1 AND viewname = $2) AS there",
    [MASKED_SCHEMA, key],
  );
  if (rows[0]?.there !== true) return;
  const view = artifact.views.find(({ name }) => name === key);
  const statements =
    view === undefined
      ? [`DROP VIEW ${quoteQualified(MASKED_SCHEMA, key)}`]
      : [...MASKING, ...view.statements].map(({ sql }) => sql);
  await client.query("BEGIN");
  try {
    for (const sql of statements) await client.query(sql);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
