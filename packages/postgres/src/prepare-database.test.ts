import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { asSubject } from "./as-subject.ts";
import type { Cluster } from "./cluster.ts";
import { connectGiven } from "./given-cluster.ts";
import { CLAIM_KEY_NAME, prepareDatabase } from "./prepare-database.ts";
import { settingsAt, testSecret } from "./testing/test-cluster.ts";

const address = inject("holdfastCluster");
const database = "prepared_twice";
let cluster: Cluster;
let client: pg.Client;

beforeAll(async () => {
  const password = encodeURIComponent(address.password);
  cluster = await connectGiven(
    `postgres://holdfast_administrator:${password}@localhost/postgres?host=${encodeURIComponent(address.host)}`,
  );
  client = new pg.Client(settingsAt(address, "postgres"));
  await client.connect();
});
afterAll(async () => {
  await client.query(`drop database if exists ${database} with (force)`);
  await client.end();
});

const secretsWith =
  (claimKey: string) =>
  async (name: string): Promise<string> =>
    name === CLAIM_KEY_NAME ? claimKey : testSecret(address, name);
const alice = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" };
const whoIs = { text: "select auth.uid() as uid" };

test("preparing again applies nothing, and a replaced claim key ends the old one after its proofs", async () => {
  const first = await prepareDatabase(cluster, { database, secrets: secretsWith("a".repeat(43)), migrationSets: [] });
  expect(first.applied).toEqual([
    "base/0001_schemas.sql",
    "base/0002_claims.sql",
    "base/0003_ended_sessions.sql",
    "base/0004_sealed.sql",
    "base/0005_audit.sql",
    "base/0006_performance.sql",
    "base/0007_audit_keys.sql",
    "base/0008_audit_row.sql",
    "base/0009_audit_restores.sql",
    "base/0010_subject_view.sql",
  ]);
  const second = await prepareDatabase(cluster, { database, secrets: secretsWith("b".repeat(43)), migrationSets: [] });
  expect(second.applied).toEqual([]);
  const [before, after] = [first.pool("holdfast_api"), second.pool("holdfast_api")];
  for (const pool of [before, after]) expect((await asSubject(pool, alice, whoIs)).rows).toEqual([{ uid: alice.sub }]);
  const administrator = await second.administrator();
  const { rows } = await administrator.query(
    "select id, valid_until is null as stays, valid_until < now() + interval '11 minutes' as ends from holdfast_keeper.claim_keys order by made_at",
  );
  expect(rows).toEqual([
    { id: first.claimKey.id, stays: false, ends: true },
    { id: second.claimKey.id, stays: true, ends: null },
  ]);
  await administrator.query(
    "update holdfast_keeper.claim_keys set valid_until = now() - interval '1 second' where valid_until is not null",
  );
  await expect(asSubject(before, alice, whoIs)).rejects.toMatchObject({ code: "database/claims-refused" });
  expect((await asSubject(after, alice, whoIs)).rows).toEqual([{ uid: alice.sub }]);
  await Promise.all([before.end(), after.end(), administrator.end()]);
});

test("who may make roles and databases but is no superuser can prepare a database, where nothing is prepared by name", async () => {
  await client.query("create role modest login createrole createdb bypassrls password 'modest'");
  try {
    // The roles of this cluster were made by a superuser, so this user is given the administration of them, as their maker has.
    await client.query(
      `grant anon, authenticated, service_role, holdfast_owner, holdfast_keeper, holdfast_api, holdfast_identity, holdfast_platform
         to modest with admin option, inherit true, set true`,
    );
    const modest = await connectGiven(
      `postgres://modest:modest@localhost/postgres?host=${encodeURIComponent(address.host)}`,
    );
    const prepared = await prepareDatabase(modest, {
      database: "prepared_modestly",
      secrets: secretsWith("c".repeat(43)),
      migrationSets: [],
    });
    const pool = prepared.pool("holdfast_api");
    expect((await asSubject(pool, alice, whoIs)).rows).toEqual([{ uid: alice.sub }]);
    await asSubject(pool, alice, whoIs);
    const names = { text: "select name from pg_prepared_statements" };
    expect((await asSubject(pool, alice, names)).rows).toEqual([]);
    await pool.end();
  } finally {
    await client.query("drop database if exists prepared_modestly with (force)");
    await client.query("drop owned by modest; drop role modest");
  }
});
