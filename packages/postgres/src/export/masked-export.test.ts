import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing.ts";
import { scanForOriginals } from "./leak-scan.ts";
import { exportMasked, insertText } from "./masked-export.ts";
import type { MaskedTable } from "./masked-table.ts";

const PEOPLE = 2_000;
const key = Buffer.alloc(32, 7);

const column = (name: string, type: string, mask: MaskedTable["columns"][number]["mask"] = null, nullable = false) => ({
  name,
  type,
  mask,
  nullable,
});

const people: MaskedTable = {
  schema: "public",
  name: "people",
  primaryKey: "id",
  columns: [
    column("id", "uuid"),
    column("address", "text", "email"),
    column("card", "text", "last4", true),
    column("salary", "integer", "redact"),
    column("born", "date", "year"),
    column("about", "text"),
  ],
};
const letters: MaskedTable = {
  schema: "public",
  name: "letters",
  primaryKey: "id",
  columns: [column("id", "uuid"), column("writer", "uuid"), column("meta", "jsonb")],
};

let database: TestDatabase;
let client: Client;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.administrator();
  folder = await mkdtemp(join(tmpdir(), "holdfast-export-"));
  await client.query(`
    CREATE TABLE public.people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), address text NOT NULL UNIQUE, card text, salary int NOT NULL, born date NOT NULL, about text NOT NULL);
    CREATE TABLE public.letters (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), writer uuid NOT NULL REFERENCES public.people (id), meta jsonb NOT NULL);
    INSERT INTO public.people (address, card, salary, born, about)
      SELECT 'person' || n || '@example.com', CASE WHEN n % 3 > 0 THEN '4111 0000 ' || 100000 + n END, 50000 + n, date '1960-01-01' + n,
        'It''s \\ me: person' || n || '@example.com' FROM generate_series(1, ${PEOPLE}) n;
    INSERT INTO public.letters (writer, meta) SELECT id, jsonb_build_object('by', id, 'mail', address) FROM public.people`);
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

test("a copy has every row, no original, and rows that belong together still do", async () => {
  const file = join(folder, "copy.sql");
  const report = await exportMasked(client, [letters, people], file, { key });
  expect(report).toEqual({
    tables: [
      { table: "public.people", rows: PEOPLE },
      { table: "public.letters", rows: PEOPLE },
    ],
    leaks: [],
  });
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/person\d+@example|4111 0000/);
  expect((await stat(file)).mode & 0o077).toBe(0);
  await client.query("BEGIN; TRUNCATE public.people, public.letters");
  await client.query(text.replace("BEGIN;", "").replace("COMMIT;", ""));
  const { rows } = await client.query(`SELECT count(*)::int AS letters, count(DISTINCT p.address)::int AS addresses,
    bool_and(l.meta ->> 'by' = p.id::text) AS inside, bool_and(l.meta ->> 'mail' = p.address) AS mail, bool_and(p.salary = 0) AS salary,
    bool_and(extract(doy FROM p.born) = 1) AS born, bool_and(p.about LIKE 'It''s \\\\ me: t%@masked.invalid') AS about
    FROM public.letters l JOIN public.people p ON p.id = l.writer`);
  await client.query("ROLLBACK");
  expect(rows).toEqual([
    { letters: PEOPLE, addresses: PEOPLE, inside: true, mail: true, salary: true, born: true, about: true },
  ]);
});

test("the same key gives the same copy, and another key another", async () => {
  const copy = async (name: string, run: Buffer): Promise<string> => {
    await exportMasked(client, [people], join(folder, name), { key: run });
    return readFile(join(folder, name), "utf8");
  };
  const first = await copy("first.sql", key);
  expect(await copy("second.sql", key)).toBe(first);
  expect(await copy("third.sql", Buffer.alloc(32, 8))).not.toBe(first);
});

test("what slips through is found: a masked text, one inside another text, and an id", async () => {
  const { rows } = await client.query<{ id: string }>("SELECT id FROM public.people LIMIT 1");
  const found = async (line: string): Promise<readonly string[]> => {
    const file = join(folder, "leak.sql");
    await writeFile(file, line);
    await client.query("BEGIN");
    const leaks = await scanForOriginals(client, [people, letters], file);
    await client.query("ROLLBACK");
    return leaks.map(({ place }) => place);
  };
  expect(await found(insertText(people, [["x", "person7@example.com", null, "1", "1990-01-01", ""]]))).toContain(
    "public.people.address",
  );
  expect(await found("'as person12@example.com said'")).toContain("public.people.address");
  expect(await found("'4111 0000 100001'")).toContain("public.people.card");
  expect(await found(`'${rows[0]?.id.toUpperCase()}'`)).toContain("public.people.id");
  expect(await found(`'file_${rows[0]?.id}_1 x${rows[0]?.id}'`)).toContain("public.people.id");
  expect(await found("'nothing of anybody'")).toEqual([]);
});

test("an id that stands in a longer word is no way back to the row", async () => {
  await client.query(
    "BEGIN; UPDATE public.letters SET meta = jsonb_build_object('path', 'avatar_' || writer || '_small')",
  );
  await client.query("COMMIT");
  const file = join(folder, "word.sql");
  const { leaks } = await exportMasked(client, [people, letters], file, { key });
  expect(leaks).toEqual([]);
  const text = await readFile(file, "utf8");
  const { rows } = await client.query<{ id: string }>("SELECT id FROM public.people");
  expect(rows.filter(({ id }) => text.includes(id))).toEqual([]);
});

test("a file that is there is not written over", async () => {
  const file = join(folder, "taken.sql");
  await writeFile(file, "mine");
  await expect(exportMasked(client, [people], file)).rejects.toMatchObject({ code: "EEXIST" });
  expect(await readFile(file, "utf8")).toBe("mine");
});
