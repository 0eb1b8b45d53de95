// What we read from the wire is what pg reads: the same values, of the same types, in the same order.
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabasePool } from "./database-pool.ts";
import { readTimestamp } from "./read-timestamp.ts";
import { type TestDatabase, testDatabase } from "./testing.ts";

const TIMESTAMPTZ = 1184;
const RUNS = 5_000;
const ROUNDS = 150;

let database: TestDatabase;
let pool: DatabasePool;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  pool = database.pool("holdfast_platform", { connectionsMax: 1 });
  client = await database.administrator();
});
afterAll(() => database.drop());

const digits = (count: number) =>
  fc.integer({ min: 0, max: 10 ** count - 1 }).map((value) => String(value).padStart(count, "0"));
const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
const written = fc
  .tuple(
    fc.oneof(digits(4), fc.constantFrom("0001", "0099", "0100", "0999", "1000", "1969", "9999", "12345")),
    fc.integer({ min: 1, max: 12 }).map((value) => String(value).padStart(2, "0")),
    fc.integer({ min: 1, max: 31 }).map((value) => String(value).padStart(2, "0")),
    two(24),
    two(59),
    two(60),
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: 1, max: 6 }).chain((count) => digits(count).map((text) => `.${text}`)),
    ),
    fc.oneof(
      fc.constantFrom("+00", "-00", "+14", "-12", "+05:30", "-03:30", "+00:30", "-00:44:30", "", " BC", "+00 BC", "Z"),
      two(15).map((hours) => `+${hours}`),
    ),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction, zone]) =>
      `${year}-${month}-${day} ${hour}:${minute}:${second}${fraction}${zone}`,
  );
const damaged = fc.tuple(written, fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, middle]) => {
  const place = at % text.length;
  return text.slice(0, place) + middle + text.slice(place + 1);
});

test("a timestamp is the moment that pg makes of it, or is left to pg", () => {
  const parse = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => unknown;
  let read = 0;
  fc.assert(
    fc.property(
      fc.oneof({ weight: 3, arbitrary: written }, damaged, fc.constantFrom("infinity", "-infinity")),
      (text) => {
        const bytes = Buffer.from(`.${text}.`, "utf8");
        const moment = readTimestamp(bytes, 1, bytes.length - 1);
        if (moment === undefined) return;
        read += 1;
        expect(moment, text).toEqual(parse(text));
      },
    ),
    { numRuns: RUNS },
  );
  expect(read).toBeGreaterThan(RUNS / 4);
});

const moment = fc
  .tuple(fc.integer({ min: -4_000, max: 9_000 }), fc.bigInt({ min: 0n, max: 31_536_000_000_000n }))
  .map(
    ([year, microseconds]) =>
      `timestamptz '2000-01-01 00:00+00' + interval '${year} years' + interval '${microseconds} microseconds'`,
  );
const value = fc.oneof(
  moment,
  fc.constantFrom(
    "null",
    "timestamptz 'infinity'",
    "date '2026-01-31'",
    "timestamp '2026-01-31 01:02:03.4'",
    "interval '1 day 2 s'",
  ),
  fc.uuid().map((uuid) => `'${uuid}'::uuid`),
  fc.constantFrom(
    "true",
    "12::int2",
    "-7::int4",
    "9007199254740993::int8",
    "1.50::numeric",
    "'NaN'::float8",
    "0.1::float4",
  ),
  fc.constantFrom(
    "'\\x00ff'::bytea",
    "array[1,null,3]",
    "array['a','b,c']",
    "'{\"a\":[1,null]}'::jsonb",
    "'[]'::json",
    "''::text",
  ),
  fc
    .string({ unit: "grapheme", maxLength: 40 })
    .map((text) => `convert_from('\\x${Buffer.from(text.replaceAll("\0", "")).toString("hex")}', 'UTF8')`),
);

test("rows of any types are what pg makes of them, when their statement is new and when it is known", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("a", "b", "__proto__", "Ä"), value), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata"),
      async (columns, zone) => {
        const list = columns.map(([name, sql]) => `${sql} as ${pg.escapeIdentifier(name)}`).join(", ");
        const text = `select ${list} from (select set_config('timezone', '${zone}', true) offset 0) zone, generate_series(1, 2)`;
        const wanted = await client.query(text);
        for (let run = 0; run < 3; run += 1) {
          const got = await pool.query(text);
          expect(got.rows).toStrictEqual(wanted.rows);
          expect(got.rows.map((row) => Object.keys(row))).toEqual(wanted.rows.map((row) => Object.keys(row)));
          expect(got.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual(
            wanted.fields.map(({ name, dataTypeID }) => [name, dataTypeID]),
          );
        }
      },
    ),
    { numRuns: ROUNDS },
  );
}, 30_000);
