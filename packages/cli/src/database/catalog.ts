// Reads a CatalogSnapshot from a live database, and finds out how PostgreSQL itself would print the compiled conditions.
import {
  BASE_SCHEMA,
  type CatalogSnapshot,
  type PostgresArtifact,
  quoteIdentifier,
  quoteQualified,
  SET_SCHEMA,
  sqlType,
} from "@holdfast/compile";
import type { ClientBase } from "pg";
import * as queries from "./catalog-queries.ts";

/** Reads everything access to rows depends on in the artifact's schemas. One query for each part; changes nothing. */
export async function readCatalog(client: ClientBase, artifact: PostgresArtifact): Promise<CatalogSnapshot> {
  const schemas = [...artifact.schemas, SET_SCHEMA];
  const list = async (query: string, values: readonly unknown[] = [schemas]): Promise<never> => {
    const result = await client.query<{ found: never }>(query, [...values]);
    return result.rows[0]?.found as never;
  };
  return {
    schemas: await list(queries.SCHEMAS, [[...schemas, BASE_SCHEMA]]),
    relations: await list(queries.RELATIONS),
    policies: await list(queries.POLICIES),
    indexes: await list(queries.INDEXES),
    foreignKeys: await list(queries.FOREIGN_KEYS),
    functions: await list(queries.FUNCTIONS, [[...schemas, BASE_SCHEMA]]),
    roles: await list(queries.ROLES, []),
  };
}

export interface PrintedPolicy {
  readonly using: string | null;
  readonly check: string | null;
}

/** Key of a policy in the result of `printPolicies`. */
export function policyKey(schema: string, table: string, name: string): string {
  return JSON.stringify([schema, table, name]);
}

/**
 * The compiled conditions as this server prints them. PostgreSQL keeps a parse tree, not our text, so each condition is put on an empty
 * temporary table of the same columns, read back, and undone. The caller holds an open transaction, and has found that
 * every table has the columns the policy declares.
 */
export async function printPolicies(
  client: ClientBase,
  artifact: PostgresArtifact,
): Promise<ReadonlyMap<string, PrintedPolicy>> {
  const printed = new Map<string, PrintedPolicy>();
  await client.query("SAVEPOINT holdfast_print");
  await makeMissingSets(client, artifact);
  for (const [index, table] of artifact.tables.entries()) {
    const twin = `holdfast_twin_${index}`;
    await client.query(`CREATE TEMPORARY TABLE ${twin} (LIKE ${quoteQualified(table.schema, table.name)})`);
    for (const policy of table.policies) {
      const using = policy.using === null ? "" : ` USING ${policy.using}`;
      const check = policy.check === null ? "" : ` WITH CHECK ${policy.check}`;
      await client.query(
        `CREATE POLICY ${quoteIdentifier(policy.name)} ON ${twin} FOR ${policy.action}${using}${check}`,
      );
    }
    const { rows } = await client.query<{ name: string; using: string | null; check: string | null }>(
      `SELECT polname AS name, pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS check
       FROM pg_catalog.pg_policy WHERE polrelid = $1::regclass`,
      [`pg_temp.${twin}`],
    );
    for (const { name, using, check } of rows) printed.set(policyKey(table.schema, table.name, name), { using, check });
  }
  await client.query("ROLLBACK TO SAVEPOINT holdfast_print");
  await client.query("RELEASE SAVEPOINT holdfast_print");
  return printed;
}

/** A condition can only be parsed where the functions it calls exist; a stand-in with the same signature is enough. */
export async function makeMissingSets(client: ClientBase, artifact: PostgresArtifact): Promise<void> {
  if (artifact.sets.length === 0) return;
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${SET_SCHEMA}`);
  for (const set of artifact.sets) {
    const name = `${SET_SCHEMA}.${quoteIdentifier(set.name)}()`;
    const returns = `SETOF ${sqlType(set.element)}`;
    const { rows } = await client.query<{ fits: boolean | null }>(
      "SELECT proretset AND prorettype = $2::regtype AS fits FROM pg_catalog.pg_proc WHERE oid = to_regprocedure($1)",
      [name, sqlType(set.element)],
    );
    if (rows[0]?.fits === true) continue;
    // One of another signature was put there by hand; the savepoint brings it back.
    if (rows.length > 0) await client.query(`DROP FUNCTION ${name} CASCADE`);
    await client.query(
      `CREATE FUNCTION ${name} RETURNS ${returns} LANGUAGE sql STABLE AS 'SELECT NULL::${sqlType(set.element)}'`,
    );
  }
}
