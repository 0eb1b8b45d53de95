import { readFile, writeFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settingsAt, startTestCluster, type TestCluster } from "../testing/test-cluster.ts";
import { inspectDatabase } from "./inspect.ts";
import type { CatalogRule } from "./rule/rule.ts";
import { deadRows } from "./rules/dead-rows.ts";
import { hostAuthenticationWeak } from "./rules/host-authentication-weak.ts";
import { indexUnused } from "./rules/index-unused.ts";
import { securityFixesAfter } from "./version/known-fixes.ts";

// What cannot be made inside a transaction: a server of its own.
let cluster: TestCluster;
let client: pg.Client;

beforeAll(async () => {
  cluster = await startTestCluster();
  client = new pg.Client(settingsAt(cluster.address, "postgres"));
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await cluster.stop();
});

const objects = async (rule: CatalogRule): Promise<readonly string[]> =>
  (await inspectDatabase(client, { rules: [rule] })).findings.map(({ object }) => object);

test("a line of pg_hba.conf that asks for no proof is found, and ours are not accused", async () => {
  const { rows } = await client.query<{ file: string }>("SELECT current_setting('hba_file') AS file");
  const file = rows[0]?.file ?? "";
  const before = await objects(hostAuthenticationWeak);
  expect(before).toEqual([]);
  const kept = await readFile(file, "utf8");
  // PostgreSQL reads the file for the view; the server itself goes on with what it has.
  await writeFile(file, `${kept}\nhost all all 10.0.0.0/8 trust\nhost all all 127.0.0.1/32 md5\n`);
  const { findings } = await inspectDatabase(client, { rules: [hostAuthenticationWeak] });
  expect(findings.map(({ severity }) => severity).toSorted()).toEqual(["error", "warning"]);
  await writeFile(file, kept);
  expect(await objects(hostAuthenticationWeak)).toEqual([]);
});

test("a table of dead rows is found, and not after it was vacuumed", async () => {
  await client.query("CREATE TABLE public.dead (id int PRIMARY KEY, note text)");
  await client.query("INSERT INTO public.dead SELECT each FROM generate_series(1, 12000) each; ");
  await client.query("DELETE FROM public.dead WHERE id > 100");
  await client.query("SELECT pg_stat_force_next_flush()");
  expect(await objects(deadRows)).toEqual(["public.dead"]);
  await client.query("VACUUM public.dead");
  expect(await objects(deadRows)).toEqual([]);
});

test("an index nobody reads is found once statistics are old enough, and not before", async () => {
  await client.query("CREATE TABLE public.rarely (id int PRIMARY KEY, note text)");
  await client.query("INSERT INTO public.rarely SELECT each, md5(each::text) FROM generate_series(1, 3000) each");
  await client.query("CREATE INDEX rarely_note ON public.rarely (note)");
  await client.query("SELECT pg_stat_force_next_flush()");
  expect(await objects(indexUnused)).toEqual([]);
  const soon = { ...indexUnused, query: indexUnused.query.replace("30 days", "0 seconds") };
  expect(await objects(soon)).toEqual(["public.rarely_note"]);
  await client.query("SET enable_seqscan = off");
  await client.query("SELECT FROM public.rarely WHERE note = 'x'");
  await client.query("SELECT pg_stat_force_next_flush()");
  expect(await objects(soon)).toEqual([]);
});

test("an old minor version lacks named fixes, the newest known one none, and an ended major version is told", () => {
  expect(securityFixesAfter(170005)?.fixes.map(({ cve }) => cve)).toContain("CVE-2025-8713");
  expect(securityFixesAfter(170005)?.target).toBe("17.10");
  expect(securityFixesAfter(180004)).toBeUndefined();
  expect(securityFixesAfter(190000)).toBeUndefined();
  expect(securityFixesAfter(140030)).toMatchObject({ isEnded: true });
});
