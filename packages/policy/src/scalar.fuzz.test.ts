import { testDatabase } from "@holdfast/postgres/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Scalar } from "./condition.ts";
import type { ColumnType } from "./policy.ts";
import { compareScalars, fitsType } from "./scalar.ts";

type Database = Awaited<ReturnType<typeof testDatabase>>;
let database: Database;
let client: Awaited<ReturnType<Database["administrator"]>>;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.administrator();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
const day = fc
  .tuple(fc.constantFrom("0001", "0400", "1900", "1969", "2000", "2024", "9999"), two(13), two(32))
  .map((parts) => parts.join("-"));
const zone = fc.oneof(
  fc.constantFrom("Z", "+00", "-00:00", "+0530", "+15:59"),
  fc.tuple(fc.constantFrom("+", "-"), two(15), two(59)).map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
);
const fraction = fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{1,6}$/));
const moment = fc
  .tuple(day, fc.constantFrom("T", " "), two(23), two(59), two(59), fraction, zone)
  .map(
    ([date, space, hours, minutes, seconds, part, east]) =>
      `${date}${space}${hours}:${minutes}:${seconds}${part}${east}`,
  );
const decimal = fc.oneof(
  fc.stringMatching(/^-?[0-9]{0,5}(\.[0-9]{0,5})?$/),
  fc
    .tuple(fc.stringMatching(/^-?[0-9]{1,3}(\.[0-9]{1,3})?$/), fc.integer({ min: -40, max: 40 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`),
  fc.constantFrom("NaN", "Infinity", "-Infinity", "0", "-0", "1.0", "1.00", "9".repeat(40)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

const texts: Readonly<Record<Exclude<ColumnType, "jsonb">, fc.Arbitrary<string>>> = {
  uuid: fc.mixedCase(fc.uuid()),
  text: fc.string({ unit: "binary", maxLength: 4 }),
  integer: fc.integer().map(String),
  bigint: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  numeric: decimal,
  boolean: fc.boolean().map(String),
  date: fc.oneof(day, fc.constantFrom("infinity", "-infinity")),
  timestamptz: fc.oneof(moment, fc.constantFrom("infinity", "-infinity")),
};

/** The value that a row carries for the text that PostgreSQL reads. */
function valueOf(type: ColumnType, text: string): Scalar {
  if (type === "integer") return Number(text);
  return type === "boolean" ? text === "true" : text;
}

const pairsCount = 400;

test.each(Object.keys(texts) as (keyof typeof texts)[])(
  "values of type %s are accepted and ordered as PostgreSQL does",
  async (type) => {
    const one = texts[type].filter((text) => fitsOrEndless(type, valueOf(type, text)));
    // Half of the pairs are equal texts or neighbours of them, since random ones seldom meet.
    const pairs = fc.sample(
      fc.oneof(
        fc.tuple(one, one),
        one.map((text): [string, string] => [text, text]),
      ),
      pairsCount,
    );
    const collation = type === "text" ? 'COLLATE "C"' : "";
    const typed = (name: string) => `(${name}::${type} ${collation})`;
    const { rows } = await client.query<{ sign: number }>(
      `SELECT (${typed("a")} > ${typed("b")})::int - (${typed("a")} < ${typed("b")})::int AS sign
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS pair(a, b, n) ORDER BY n`,
      [pairs.map(([left]) => left), pairs.map(([, right]) => right)],
    );
    expect(rows).toHaveLength(pairsCount);
    rows.forEach(({ sign }, index) => {
      const [left, right] = pairs[index] as [string, string];
      const ours = compareScalars(type, valueOf(type, left), valueOf(type, right));
      expect([left, right, ours === null ? null : Math.sign(ours)]).toEqual([left, right, sign]);
    });
  },
);

/** Rows may hold the endless values that constants may not. */
function fitsOrEndless(type: ColumnType, value: Scalar): boolean {
  return compareScalars(type, value, value) === 0;
}

test("a constant that fits a type is one that PostgreSQL reads", async () => {
  const anyText = fc.oneof(
    ...Object.values(texts),
    fc.string({ maxLength: 12 }).filter((text) => !text.includes("\0")),
  );
  for (const type of ["uuid", "bigint", "numeric", "date", "timestamptz"] as const) {
    const accepted = fc.sample(anyText, 3_000).filter((text) => fitsType(type, text));
    const { rows } = await client.query<{ text: string }>(
      "SELECT text FROM unnest($1::text[]) AS given(text) WHERE NOT pg_input_is_valid(text, $2)",
      [accepted, type],
    );
    expect(accepted.length).toBeGreaterThan(50);
    expect(rows).toEqual([]);
  }
});

test("a constant is finite, and nothing fits a jsonb column", () => {
  expect(["infinity", "-infinity"].map((text) => fitsType("date", text))).toEqual([false, false]);
  expect(["NaN", "Infinity"].map((text) => fitsType("numeric", text))).toEqual([false, false]);
  expect(fitsType("text", "infinity")).toBe(true);
  expect([fitsType("jsonb", "{}"), fitsType("text", null), fitsType("numeric", Number.POSITIVE_INFINITY)]).toEqual([
    false,
    false,
    false,
  ]);
});

test.each(["__proto__", "constructor", "toString"])("%s is a text and fits no other type", (text) => {
  const types = ["uuid", "integer", "bigint", "numeric", "date", "timestamptz"] as const;
  expect(types.filter((type) => fitsType(type, text))).toEqual([]);
});
