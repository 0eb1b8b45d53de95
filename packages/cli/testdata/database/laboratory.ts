// A database with the content application's tables, and its policy compiled.
import { readFile } from "node:fs/promises";
import { compilePostgres, type PostgresArtifact } from "@holdfast/compile";
import type { Policy } from "@holdfast/policy";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import type { Client } from "pg";
import { contentPolicy } from "../../../compile/testdata/content/policy.ts";

export { contentPolicy };

export interface Laboratory {
  readonly database: TestDatabase;
  readonly client: Client;
  readonly artifact: PostgresArtifact;
}

export async function openLaboratory(policy: Policy = contentPolicy): Promise<Laboratory> {
  const database = await testDatabase();
  const client = await database.administrator();
  await client.query(await readFile(new URL("../../../compile/testdata/content/tables.sql", import.meta.url), "utf8"));
  return { database, client, artifact: compilePostgres(policy) };
}

/** Everything in the catalog that an apply could touch, as one text. */
export async function catalogText(client: Client): Promise<string> {
  const { rows } = await client.query(`
    SELECT json_build_array(
      (SELECT json_agg(row_to_json(p) ORDER BY p.oid) FROM pg_policy p),
      (SELECT json_agg(json_build_array(c.relname, c.relowner, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity) ORDER BY c.oid)
        FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('public', 'holdfast_set')),
      (SELECT json_agg(json_build_array(a.attrelid, a.attname, a.attacl::text) ORDER BY a.attrelid, a.attnum) FROM pg_attribute a
        WHERE a.attacl IS NOT NULL),
      (SELECT json_agg(json_build_array(p.proname, p.proowner, p.proacl::text, p.prosrc) ORDER BY p.oid) FROM pg_proc p
        WHERE p.pronamespace::regnamespace::text IN ('public', 'holdfast_set')),
      (SELECT json_agg(json_build_array(n.nspname, n.nspacl::text) ORDER BY n.oid) FROM pg_namespace n),
      (SELECT json_agg(m.hash ORDER BY m.id) FROM holdfast.manifest m)
    )::text AS text`);
  return rows[0].text;
}
