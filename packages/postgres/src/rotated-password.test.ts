// Another password for a login role while pools are open: nobody starts anew, and the one before opens nothing. On a cluster of its own,
// since passwords are the whole cluster's.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { connectGiven } from "./given-cluster.ts";
import { passwordName, prepareDatabase } from "./prepare-database.ts";
import { settingsAt, startTestCluster, type TestCluster, type TestClusterAddress } from "./testing/test-cluster.ts";

const database = "rotated";
let owned: TestCluster;
let address: TestClusterAddress;
let cluster: Cluster;
beforeAll(async () => {
  owned = await startTestCluster();
  address = owned.address;
  const password = encodeURIComponent(address.password);
  const host = encodeURIComponent(address.host);
  cluster = await connectGiven(
    `postgres://holdfast_administrator:${password}@localhost:${address.port}/postgres?host=${host}`,
  );
}, 60_000);
afterAll(() => owned.stop());

test("a pool goes on when the password of its role is replaced, and the one before opens nothing", async () => {
  const kept = new Map<string, string>();
  const secrets = async (name: string): Promise<string> => kept.get(name) ?? `first-${name}`;
  const latest = async (name: string) => kept.get(name);
  const migrationSets = [] as const;
  const prepared = await prepareDatabase(cluster, { database, secrets, latest, migrationSets });
  const careless = await prepareDatabase(cluster, { database, secrets, migrationSets });
  const name = passwordName("holdfast_platform");
  const before = await secrets(name);
  const [pool, other] = [prepared.pool("holdfast_platform"), careless.pool("holdfast_platform")];
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  kept.set(name, "another-password-of-the-role");
  const [again] = await Promise.all([
    // Between the two steps: the vault holds the new one, PostgreSQL still the old one.
    prepared.pool("holdfast_platform").query("select 2 as two"),
    prepareDatabase(cluster, { database, secrets, latest, migrationSets }),
  ]);
  expect(again.rows).toEqual([{ two: 2 }]);
  const late = prepared.pool("holdfast_platform");
  expect((await late.query("select 3 as three")).rows).toEqual([{ three: 3 }]);
  await expect(other.query("select 4")).rejects.toMatchObject({ code: expect.stringMatching(/^database\//) });
  const stolen = new pg.Client({ ...settingsAt(address, database, { user: "holdfast_platform", password: before }) });
  await expect(stolen.connect()).rejects.toMatchObject({ code: "28P01" });
  await Promise.all([pool.end(), other.end(), late.end()]);
});
