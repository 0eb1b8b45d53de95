// Who may touch the tables of identity: its own role, and nobody else.
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity } from "./testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

async function ask<Row extends object>(text: string): Promise<readonly Row[]> {
  const administrator = await room.administrator();
  try {
    return (await administrator.query<Row>(text)).rows;
  } finally {
    await administrator.end();
  }
}

test("every table of the schema auth has row-level security, with one policy for one role", async () => {
  const tables = await ask<{ name: string; enabled: boolean; roles: string[] }>(
    `select c.relname as name, c.relrowsecurity as enabled,
       (select array_agg(distinct r.rolname::text) from pg_policy p, unnest(p.polroles) o join pg_roles r on r.oid = o where p.polrelid = c.oid) as roles
     from pg_class c where c.relnamespace = 'auth'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  );
  expect(tables.map(({ name }) => name)).toEqual([
    "attempts",
    "erased_accounts",
    "identities",
    "mfa_challenges",
    "mfa_factors",
    "oauth_authorizations",
    "oauth_clients",
    "oauth_consents",
    "oauth_sessions",
    "one_time_tokens",
    "outbox",
    "role_grants",
    "role_requests",
    "service_keys",
    "sessions",
    "signing_keys",
    "spent_id_tokens",
    "users",
    "webauthn_credentials",
  ]);
  for (const table of tables) expect(table).toMatchObject({ enabled: true, roles: ["holdfast_identity"] });
});

test("no role of a request, and not the API, has any privilege on them", async () => {
  const rows = await ask<{ role: string; name: string; privilege: string }>(
    `select r.role, c.relname as name, p.privilege
     from unnest(array['anon', 'authenticated', 'service_role', 'holdfast_api', 'holdfast_platform']) r(role),
       pg_class c, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p(privilege)
     where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r' and has_table_privilege(r.role, c.oid, p.privilege)`,
  );
  expect(rows).toEqual([]);
});

test("the API's login cannot read accounts, also as authenticated", async () => {
  const pool = room.pool("holdfast_api");
  await expect(pool.query("select * from auth.users")).rejects.toMatchObject({ code: "database/refused" });
});

test("every foreign key and every sweep has an index", async () => {
  const missing = await ask<{ constraint: string }>(
    `select c.conname as constraint from pg_constraint c
     where c.contype = 'f' and c.connamespace = 'auth'::regnamespace
       and not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])`,
  );
  expect(missing).toEqual([]);
});

test("the role of a person in the database can be nothing but authenticated", async () => {
  const { id } = await room.person();
  const administrator = await room.administrator();
  const change = administrator.query("update auth.users set role = 'service_role' where id = $1", [id]);
  await expect(change).rejects.toMatchObject({ constraint: "users_role_is_authenticated" });
  await administrator.end();
});
