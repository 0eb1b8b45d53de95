import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityMigrations } from "@holdfast/identity";
import { defineSecurity, owner } from "@holdfast/policy";
import { asSubject, Sealing, toSeal } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import { plantSealedCanaries, platformMigrations, sealedColumnsOf } from "@holdfast/server";
import { openVault, type Vault } from "@holdfast/vault";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Inspection } from "./inspection.ts";
import { openSealedValues } from "./open-sealed-values.ts";

const policy = defineSecurity({
  application: { name: "letters", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  tables: {
    letters: {
      columns: {
        id: "uuid",
        owner_id: "uuid",
        body: { type: "text", sealed: { subject: "owner_id" } },
        note: { type: "text", nullable: true, sealed: true },
      },
      select: owner("owner_id"),
      insert: owner("owner_id"),
    },
  },
});

let folder: string;
let vault: Vault;
let database: TestDatabase;
let client: pg.Client;
const look = () => openSealedValues(client, { policy, vault } as Inspection);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-drill-"));
  vault = await openVault({ directory: join(folder, "vault") });
  database = await testDatabase({ migrationSets: [identityMigrations, platformMigrations] });
  client = await database.administrator();
  await client.query(`
    create table letters (id uuid primary key, owner_id uuid not null, body holdfast.sealed not null, note holdfast.sealed);
    grant select, insert on letters to authenticated`);
});
afterAll(async () => {
  await database.drop();
  await vault.close();
  await rm(folder, { recursive: true, force: true });
});

test("where nothing was sealed yet the canaries open, one of a destroyed key does not, and without them nothing is proven", async () => {
  expect(await look()).toMatchObject({ result: "unproven", seen: expect.stringContaining("letters.body") });
  const pool = database.pool("holdfast_platform");
  const ground = { keyring: vault.keyring, tenant: policy.application.name, columns: sealedColumnsOf(policy) };
  await plantSealedCanaries(pool, ground);
  const seen = expect.stringContaining("Of canaries 2 open and 1 of destroyed keys do not");
  expect(await look()).toMatchObject({ result: "held", seen });
  const stored = async () => (await client.query("select * from platform.sealed_canary order by 1, 4")).rows;
  const before = await stored();
  await plantSealedCanaries(pool, ground);
  expect(await stored()).toEqual(before);
  // A key that is gone, and one that should be: each is a broken copy.
  await vault.keyring.shred(before.find(({ subject, shredded }) => subject !== null && !shredded)?.subject);
  expect(await look()).toMatchObject({ result: "broken", seen: expect.stringContaining("does not open (destroyed)") });
  await plantSealedCanaries(pool, ground); // The next backup has canaries that open again.
  expect(await look()).toMatchObject({ result: "held" });
  await client.query(
    `update platform.sealed_canary c set (row_key, subject, value) = (select row_key, subject, value
       from platform.sealed_canary o where o.data_class = c.data_class and not o.shredded) where shredded`,
  );
  expect(await look()).toMatchObject({ result: "broken", seen: expect.stringContaining("does not say so (opened)") });
  const lost = before.find(({ shredded }) => shredded);
  await client.query("update platform.sealed_canary set row_key = $1, subject = $2, value = $3 where shredded", [
    lost?.row_key,
    lost?.subject,
    lost?.value,
  ]);
});

test("the canary of a check is passed over, a value of a key that nobody has is a broken copy", async () => {
  const planted = (id: Buffer): Promise<unknown> =>
    client.query("insert into letters values ($1, $1, $2)", [
      randomUUID(),
      Buffer.concat([Buffer.from([1, 1]), id, randomBytes(100)]),
    ]);
  await planted(Buffer.alloc(20));
  expect(await look()).toMatchObject({ result: "held" });
  await planted(Buffer.concat([randomBytes(16), Buffer.from([0, 0, 0, 1])]));
  expect(await look()).toMatchObject({ result: "broken", seen: expect.stringContaining("key-unknown") });
  await client.query("delete from letters");
});

test("values open in a copy, those of shredded subjects do not, and one that was moved is a broken copy", async () => {
  const sealing = new Sealing({
    keyring: vault.keyring,
    tenant: policy.application.name,
    columns: sealedColumnsOf(policy),
    catalog: ({ text, values = [] }) => client.query(text, [...values]),
  });
  const pool = database.pool("holdfast_api", { sealing });
  const [her, him] = [randomUUID(), randomUUID()];
  for (const subject of [her, him]) {
    const key = randomUUID();
    await asSubject(
      pool,
      { sub: subject, role: "authenticated" },
      {
        text: "insert into letters (id, owner_id, body, note) values ($1, $2, $3, $4)",
        values: [key, subject, toSeal("letters.body", { key, subject }, "x"), toSeal("letters.note", { key }, "y")],
      },
    );
  }
  expect(await look()).toMatchObject({ result: "held", seen: expect.stringContaining("values 4 and 0") });
  await vault.keyring.shred(her);
  expect(await look()).toMatchObject({ result: "held", seen: expect.stringContaining("values 3 and 1") });
  await client.query("update letters set note = (select note from letters where owner_id = $1) where owner_id = $2", [
    her,
    him,
  ]);
  expect(await look()).toMatchObject({ result: "broken", seen: expect.stringContaining("letters.note") });
});
