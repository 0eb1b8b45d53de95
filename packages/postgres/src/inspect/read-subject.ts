// Who asks this database for people, and which of its schemas are a vendor's own.
import type { ClientBase } from "pg";
import { PUBLIC, type RequestRole, type Subject } from "./rule/subject.ts";

/** Roles of Supabase's and PostgREST's custom, and of Holdfast. */
const CUSTOMARY = ["anon", "authenticated"];

/** Schemas a hosted Supabase project brings along; its own advisor leaves them out as well. */
const VENDOR_SCHEMAS = [
  "_analytics",
  "_realtime",
  "_supavisor",
  "auth",
  "cron",
  "extensions",
  "graphql",
  "graphql_public",
  "net",
  "pgbouncer",
  "pgmq",
  "pgsodium",
  "pgsodium_masks",
  "pgtle",
  "realtime",
  "storage",
  "supabase_functions",
  "supabase_migrations",
  "tiger",
  "tiger_data",
  "topology",
  "vault",
];

interface RoleRow {
  readonly oid: number;
  readonly name: string;
}

/** @throws RangeError if a role of `named` is not there */
export async function readSubject(client: ClientBase, named?: readonly string[]): Promise<Subject> {
  const { rows } = await client.query<{ version: number; text: string; vendor: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text,
       EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'supabase_admin') AS vendor`,
  );
  const roles = named === undefined ? await foundRoles(client) : await namedRoles(client, named);
  return {
    requestRoles: [{ oid: 0, name: PUBLIC }, ...roles],
    skippedSchemas: rows[0]?.vendor === true ? VENDOR_SCHEMAS : [],
    version: rows[0]?.version ?? 0,
    versionText: (rows[0]?.text ?? "unknown").split(" ")[0] ?? "unknown",
  };
}

async function namedRoles(client: ClientBase, named: readonly string[]): Promise<readonly RequestRole[]> {
  const wanted = named.filter((name) => name !== PUBLIC);
  const { rows } = await client.query<RoleRow>(
    "SELECT oid::int8::float8 AS oid, rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[]) ORDER BY rolname",
    [wanted],
  );
  const missing = wanted.filter((name) => !rows.some((row) => row.name === name));
  if (missing.length > 0) throw new RangeError(`no such role: ${missing.join(", ")}`);
  return rows;
}

/** Roles of the custom if they are there; otherwise whoever may log in, owns nothing and is bound by policies: an application's own roles. */
async function foundRoles(client: ClientBase): Promise<readonly RequestRole[]> {
  const { rows } = await client.query<RoleRow & { customary: boolean }>(
    `SELECT r.oid::int8::float8 AS oid, r.rolname::text AS name, r.rolname = ANY ($1::text[]) AS customary FROM pg_catalog.pg_roles r
     WHERE r.rolname = ANY ($1::text[]) OR (r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolbypassrls AND NOT r.rolreplication
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relowner = r.oid))
     ORDER BY r.rolname LIMIT 20`,
    [CUSTOMARY],
  );
  const customary = rows.filter((row) => row.customary);
  return (customary.length > 0 ? customary : rows).map(({ oid, name }) => ({ oid, name }));
}
