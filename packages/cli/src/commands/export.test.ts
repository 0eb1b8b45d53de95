// The example's own tables, full of rows, exported and loaded into an empty database of the same migrations.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportMasked } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import policy from "../../../../examples/content/security.ts";
import { maskedTables } from "./export.ts";

const ROWS = 700;
const directory = new URL("../../../../examples/content/migrations", import.meta.url).pathname;
const migrationSets = [{ name: "application", directory }];
/** What ties rows together, counted: every reference, and every pair that is unique. */
const SHAPE = `SELECT
  (SELECT count(*)::int FROM public.memberships m JOIN public.teams t ON t.id = m.team_id AND t.owner_id = m.user_id) AS leads,
  (SELECT count(DISTINCT (user_id, team_id))::int FROM public.memberships) AS memberships,
  (SELECT count(*)::int FROM public.content c JOIN public.memberships m ON m.team_id = c.team_id AND m.user_id = c.owner_id) AS in_team,
  (SELECT count(DISTINCT (s.user_id, s.content_id))::int FROM public.shares s JOIN public.content c ON c.id = s.content_id) AS shares,
  (SELECT count(*)::int FROM public.notes n JOIN public.content c ON c.id = n.content_id AND c.owner_id = n.owner_id) AS notes,
  (SELECT count(DISTINCT contact)::int FROM public.content) AS contacts`;

let full: TestDatabase;
let empty: TestDatabase;
let client: Client;
let folder: string;

beforeAll(async () => {
  full = await testDatabase({ migrationSets });
  empty = await testDatabase({ migrationSets });
  client = await full.administrator();
  folder = await mkdtemp(join(tmpdir(), "holdfast-export-"));
  await client.query(`
    INSERT INTO public.teams (name, owner_id) SELECT 'team ' || n, gen_random_uuid() FROM generate_series(1, 50) n;
    INSERT INTO public.memberships (team_id, user_id, role) SELECT id, owner_id, 'lead' FROM public.teams;
    INSERT INTO public.content (owner_id, team_id, title, contact)
      SELECT owner_id, id, 'title ' || n, 'person' || n || '@example.com'
      FROM generate_series(1, ${ROWS}) n JOIN public.teams ON name = 'team ' || 1 + n % 50;
    INSERT INTO public.shares (content_id, user_id) SELECT c.id, t.owner_id FROM public.content c JOIN public.teams t ON t.name = 'team 7';
    INSERT INTO public.notes (id, content_id, owner_id, body)
      SELECT gen_random_uuid(), id, owner_id, decode('0101' || repeat('ab', 20) || repeat(md5(title), 6), 'hex') FROM public.content`);
});

afterAll(async () => {
  await full.drop();
  await empty.drop();
  await rm(folder, { recursive: true });
});

test("every table of the example is copied, sealed ones too, and loads into an empty database with its keys and uniqueness", async () => {
  const file = join(folder, "copy.sql");
  const { tables, leaks } = await exportMasked(client, maskedTables(policy), file);
  expect(leaks).toEqual([]);
  expect(Object.fromEntries(tables.map(({ table, rows }) => [table, rows]))).toEqual({
    "public.content": ROWS,
    "public.memberships": 50,
    "public.notes": ROWS,
    "public.shares": ROWS,
    "public.teams": 50,
  });
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/person\d+@example|(?:ab){20}/);

  const other = await empty.administrator();
  await other.query(text);
  expect((await other.query(SHAPE)).rows).toEqual((await client.query(SHAPE)).rows);
  const bodies = await other.query(
    `SELECT count(*)::int AS notes, count(DISTINCT body)::int AS different, bool_and(substr(body::bytea, 3, 20) = decode(repeat('00', 20), 'hex')) AS "nobodysKey" FROM public.notes`,
  );
  expect(bodies.rows).toEqual([{ notes: ROWS, different: ROWS, nobodysKey: true }]);
});
