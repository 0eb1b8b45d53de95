import { randomUUID } from "node:crypto";
import type { Vault } from "@holdfast/vault";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "../as-subject.ts";
import type { DatabaseEvent, DatabasePool } from "../database-pool.ts";
import { openSealedRoom, type SealedRoom } from "../testing/sealed-room.ts";
import type { TestDatabase } from "../testing/test-database.ts";
import type { SealedColumn } from "./sealed-column.ts";
import { toFind, toSeal } from "./sealed-value.ts";

const alice: VerifiedClaims = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" };
const bob: VerifiedClaims = { sub: "22222222-2222-4222-8222-222222222222", role: "authenticated" };
const hers = alice.sub as string;

const column = (name: string, more: Partial<SealedColumn> = {}): SealedColumn => ({
  table: "letter",
  schema: "public",
  relation: "letter",
  primaryKey: "id",
  hasTextKey: false,
  name,
  type: "text",
  blindIndex: false,
  hasSubject: false,
  ...more,
});
const columns = [
  column("body", { hasSubject: true }),
  column("address", { blindIndex: true }),
  column("details", { type: "jsonb" }),
  column("word", { table: "named", relation: "named", primaryKey: "name", hasTextKey: true }),
];

let room: SealedRoom;
let vault: Vault;
let database: TestDatabase;
let administrator: pg.Client;
let pool: DatabasePool;
let events: DatabaseEvent[] = [];

beforeAll(async () => {
  room = await openSealedRoom();
  ({ vault, database, administrator } = room);
  await administrator.query(`
    create table letter (id uuid primary key, owner_id uuid not null, title text not null default '', body holdfast.sealed not null,
      address holdfast.sealed, address_index holdfast.blind_index, details holdfast.sealed);
    alter table letter enable row level security; alter table letter force row level security;
    create policy own on letter to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
    grant select, insert, update, delete on letter to authenticated;
    create view letter_view with (security_invoker = true) as select * from letter;
    grant select on letter_view to authenticated;
    create table named (name text primary key, word holdfast.sealed);
    grant select, insert on named to authenticated`);
  pool = sealingPool("us");
});
afterAll(() => room.close());
beforeEach(async () => {
  await administrator.query("delete from letter");
  events = [];
});

function sealingPool(tenant: string): DatabasePool {
  const sealing = room.sealing(columns, tenant);
  return database.pool("holdfast_api", { connectionsMax: 2, emit: (event) => events.push(event), sealing });
}

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

async function write(
  body: string,
  more: { address?: string; details?: unknown; on?: DatabasePool } = {},
): Promise<string> {
  const id = randomUUID();
  const { address = null, details = null } = more;
  await asSubject(more.on ?? pool, alice, {
    text: "insert into letter (id, owner_id, body, address, address_index, details) values ($1, $2, $3, $4, $5, $6)",
    values: [
      id,
      hers,
      toSeal("letter.body", { key: id, subject: hers }, body),
      toSeal("letter.address", { key: id }, address),
      toFind("letter.address", address),
      toSeal("letter.details", { key: id }, details),
    ],
  });
  return id;
}
const read = (text = "select id, body from letter order by title, id", claims = alice) =>
  asSubject<{ id: string; body: string }>(pool, claims, { text }).then(({ rows }) => rows);

test("values are sealed on their way in and opened on their way out; PostgreSQL holds none of them", async () => {
  const id = await write("canary-body", { address: "canary@example.com", details: { a: ["canary", 1, null] } });
  const text = "select id as letter, body as b, address, details from letter";
  const { rows } = await asSubject(pool, alice, { text });
  expect(rows).toEqual([
    { letter: id, b: "canary-body", address: "canary@example.com", details: { a: ["canary", 1, null] } },
  ]);
  const { rows: raw } = await administrator.query("select letter::text as row from letter");
  expect(Buffer.from(raw[0].row.replaceAll("\\\\x", ""), "hex").includes("canary")).toBe(false);
  expect(raw[0].row).not.toContain("canary");
  expect(raw[0].row).not.toContain(Buffer.from("canary").toString("hex"));
});

test("an answer of RETURNING, a change, and the statements of a transaction are sealed and opened as well", async () => {
  const id = await write("first");
  const changed = await asSubject(pool, alice, {
    text: "update letter set body = $2 where id = $1 returning id, body",
    values: [id, toSeal("letter.body", { key: id, subject: hers }, "second")],
  });
  expect(changed.rows).toEqual([{ id, body: "second" }]);
  const within = await asSubject(pool, alice, async (transaction) => {
    await transaction.query("update letter set body = $2 where id = $1", [
      id,
      toSeal("letter.body", { key: id.toUpperCase(), subject: hers }, "third"),
    ]);
    return (await transaction.query("select body, id from letter")).rows;
  });
  expect(within).toEqual([{ id, body: "third" }]);
});

test("a blind index finds equal values, and nobody else's and no others", async () => {
  const id = await write("x", { address: "ada@example.com" });
  await write("y", { address: "bob@example.com" });
  const find = (address: string, claims = alice) =>
    asSubject(pool, claims, {
      text: "select id, address from letter where address_index = $1",
      values: [toFind("letter.address", address)],
    }).then(({ rows }) => rows);
  expect(await find("ada@example.com")).toEqual([{ id, address: "ada@example.com" }]);
  expect(await find("ada@example.co")).toEqual([]);
  expect(await find("ada@example.com", bob)).toEqual([]);
});

test("a plain value never gets into a sealed column, and never leaves where nothing seals", async () => {
  const id = randomUUID();
  const text = "insert into letter (id, owner_id, body) values ($1, $2, $3)";
  expect(await code(asSubject(pool, alice, { text, values: [id, hers, "plain"] }))).toBe("database/constraint-broken");
  await expect(administrator.query(text, [id, hers, `\\x0101${"00".repeat(99)}`])).rejects.toThrow("sealed");
  const plain = database.pool("holdfast_api");
  const sealed = toSeal("letter.body", { key: id, subject: hers }, "plain");
  expect(await code(asSubject(plain, alice, { text, values: [id, hers, sealed] }))).not.toBe("no error");
  expect(() => JSON.stringify({ sealed })).toThrow("seals letter.body");
});

test("a value moved to another row, column or subject, or changed in one bit, is refused with an event", async () => {
  const [one, other] = [await write("one"), await write("two", { address: "somewhere" })];
  const moves = [
    `update letter set body = (select body from letter where id = '${other}') where id = '${one}'`,
    `update letter set body = (select address from letter where id = '${other}') where id = '${other}'`,
    `update letter set id = '${randomUUID()}' where id = '${other}'`,
    `update letter set body = set_byte(body, octet_length(body) - 1, get_byte(body, octet_length(body) - 1) # 1)`,
    `update letter set body = set_byte(body, 30, get_byte(body, 30) # 1)`,
    `update letter set body = set_byte(body, 5, get_byte(body, 5) # 1)`,
  ];
  for (const move of moves) {
    await administrator.query("create table saved as table letter");
    await administrator.query(move);
    events = [];
    expect(await code(read()), move).toBe("database/sealed-refused");
    expect(
      events.map(({ name, subject }) => [name, subject]),
      move,
    ).toEqual([["database.sealed-refused", hers]]);
    expect(events[0]?.detail).toMatchObject({ table: "letter" });
    await administrator.query("delete from letter; insert into letter select * from saved; drop table saved");
    expect((await read()).map(({ body }) => body).sort()).toEqual(["one", "two"]);
  }
});

test("a value of another tenant is refused in the same row", async () => {
  const them = sealingPool("them");
  await write("ours", { address: "street" });
  const text = "select id, address from letter";
  expect(await code(asSubject(them, alice, { text }))).toBe("database/sealed-refused");
  expect(await code(asSubject(pool, alice, { text }))).toBe("no error");
});

test("what cannot be bound to one row is refused: no key beside it, a self-join, a view, an expression", async () => {
  await write("one");
  for (const text of [
    "select body from letter",
    "select a.id, a.body, b.id as other from letter a join letter b on true",
    "select a.id, a.body, b.body as other from letter a join letter b on true",
    "select id as body, body from letter",
    "select id, body from letter_view",
    "select id, coalesce(body, body) as body from letter",
  ])
    expect(await code(read(text)), text).toBe("database/sealed-unbound");
  const [row] = (await asSubject(pool, alice, { text: "select row_to_json(letter) as row from letter" })).rows;
  expect(JSON.stringify(row)).not.toContain("one");
});

test("a value that names no sealed column, no row's subject, or is no text is refused before anything is sent", async () => {
  const key = randomUUID();
  for (const value of [
    toSeal("letter.title", { key }, "x"),
    toSeal("letter.body", { key }, "x"),
    toSeal("letter.address", { key, subject: hers }, "x"),
    toSeal("letter.body", { key, subject: hers }, 7),
    toFind("letter.body", "x"),
  ])
    expect(await code(asSubject(pool, alice, { text: "select $1::bytea", values: [value] }))).toBe(
      "database/sealed-unbound",
    );
});

test("shredded keys: the values of the subject read as null, also those that a restored copy brings back", async () => {
  const theirs = { sub: randomUUID(), role: "authenticated" };
  const id = randomUUID();
  const insert = {
    text: "insert into letter (id, owner_id, body) values ($1, $2, $3)",
    values: [id, theirs.sub, toSeal("letter.body", { key: id, subject: theirs.sub }, "gone")],
  };
  await asSubject(pool, theirs, insert);
  await administrator.query("create table copy as table letter");
  expect(await read(undefined, theirs)).toEqual([{ id, body: "gone" }]);
  await vault.keyring.shred(theirs.sub);
  await administrator.query("delete from letter; insert into letter select * from copy; drop table copy");
  expect(await read(undefined, theirs)).toEqual([{ id, body: null }]);
  expect(await code(asSubject(pool, theirs, { ...insert, values: [randomUUID(), ...insert.values.slice(1)] }))).toBe(
    "vault/key-destroyed",
  );
});

test("values of a rotated key open, and new ones are sealed under the new key", async () => {
  const before = await write("before");
  await vault.keyring.rotate({ purpose: "field", dataClass: "public.letter.body", subject: hers });
  const after = await write("after");
  expect((await read()).sort((a, b) => a.body.localeCompare(b.body))).toEqual([
    { id: after, body: "after" },
    { id: before, body: "before" },
  ]);
  const { rows } = await administrator.query("select distinct substr(body, 3, 20) as key from letter");
  expect(rows).toHaveLength(2);
});

test("a column that is sealed while the application runs is followed at once, written and read", async () => {
  await administrator.query(`
    create table memo (id int primary key, text text);
    alter table memo enable row level security; create policy all_rows on memo to authenticated using (true) with check (true);
    grant select, insert, update on memo to authenticated`);
  const memo = { ...column("text"), table: "memo", relation: "memo" };
  const following = database.pool("holdfast_api", { sealing: room.sealing([memo]) });
  const insert = (id: number, text: string) =>
    asSubject(following, alice, {
      text: "insert into memo (id, text) values ($1, $2)",
      values: [id, toSeal("memo.text", { key: id }, text)],
    });
  const all = () =>
    asSubject(following, alice, { text: "select id, text from memo order by id" }).then(({ rows }) => rows);
  await insert(1, "plain");
  expect(await all()).toEqual([{ id: 1, text: "plain" }]);
  await administrator.query(
    "alter table memo rename text to old; alter table memo add text holdfast.sealed; grant select on memo to authenticated",
  );
  await insert(2, "sealed");
  expect(await all()).toEqual([
    { id: 1, text: null },
    { id: 2, text: "sealed" },
  ]);
});

test("keys that are texts differ by their case: a value moved to the row of the other spelling is refused", async () => {
  for (const name of ["Ann", "ann"])
    await asSubject(pool, alice, {
      text: "insert into named (name, word) values ($1, $2)",
      values: [name, toSeal("named.word", { key: name }, `of ${name}`)],
    });
  const words = { text: 'select name, word from named order by name collate "C"' };
  expect((await asSubject(pool, alice, words)).rows.map(({ word }) => word)).toEqual(["of Ann", "of ann"]);
  await administrator.query("update named set word = (select word from named where name = 'Ann') where name = 'ann'");
  expect(await code(asSubject(pool, alice, words))).toBe("database/sealed-refused");
});
