import { type ColumnType, type Scalar } from "@holdfast/policy";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import fc from "fast-check";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  byteLength,
  IDENTIFIER_BYTES_MAX,
  quoteArray,
  quoteBody,
  quoteConstant,
  quoteIdentifier,
  quoteLiteral,
} from "./quoting.ts";

const RUNS = 300;

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.administrator();
});

afterAll(async () => {
  await database.drop();
});

/** Texts made of what ends a constant, a name, a comment or a dollar quote, among any Unicode. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        "\\",
        "''",
        "\\'",
        "--",
        "/*",
        "*/",
        ";",
        "$$",
        "$holdfast$",
        "$1",
        "%I",
        "\n",
        "\r",
        "\t",
        "U&'",
        "E'",
        "\u202e",
        "\u{1f512}",
      ),
      fc.string({ unit: "grapheme", maxLength: 4 }),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join("").replaceAll("\u0000", "").toWellFormed());

const name = text.filter((candidate) => candidate !== "" && byteLength(candidate) <= IDENTIFIER_BYTES_MAX);

async function value(sql: string): Promise<unknown> {
  const { rows } = await client.query({ text: `SELECT ${sql} AS found`, rowMode: "array" });
  return rows[0]?.[0];
}

describe("whatever is quoted comes back from PostgreSQL unchanged", () => {
  test.each(["on", "off"])("a text, with standard_conforming_strings %s", async (setting) => {
    await client.query(
      `SET standard_conforming_strings = ${setting}; SET backslash_quote = on; SET escape_string_warning = off`,
    );
    await fc.assert(
      fc.asyncProperty(text, async (original) => {
        expect(await value(quoteLiteral(original))).toBe(original);
      }),
      { numRuns: RUNS },
    );
    await client.query("RESET standard_conforming_strings; RESET backslash_quote");
  });

  test("a list of texts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), async (original) => {
        expect(await value(quoteArray(original, "text"))).toEqual(original);
      }),
      { numRuns: RUNS },
    );
  });

  test("a name", async () => {
    await fc.assert(
      fc.asyncProperty(name, async (original) => {
        const { fields } = await client.query(`SELECT 1 AS ${quoteIdentifier(original)}`);
        expect(fields[0]?.name).toBe(original);
      }),
      { numRuns: RUNS },
    );
  });

  test("a function body", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (original) => {
        expect(await value(quoteBody(original))).toBe(original);
      }),
      { numRuns: RUNS },
    );
  });

  test.each<[ColumnType, readonly Scalar[]]>([
    ["integer", [-2147483648, 0, 2147483647]],
    ["bigint", ["-9223372036854775808", 9007199254740991]],
    ["numeric", [0.1, -1.5, 1e21, 5e-324, "0.10"]],
    ["boolean", [true, false]],
    ["uuid", ["00000000-0000-4000-8000-000000000001"]],
    ["timestamptz", ["2026-02-28T23:59:59.999999+01:00"]],
    ["date", ["2024-02-29"]],
  ])("a constant of type %s", async (type, values) => {
    for (const original of values) {
      expect(await value(`${quoteConstant(original, type)} = '${original}'::${type}`)).toBe(true);
      expect(await value(`pg_typeof(${quoteConstant(original, type)}) = '${type}'::regtype`)).toBe(true);
    }
  });
});

describe("what PostgreSQL cannot hold is refused", () => {
  test.each([
    ["a NUL", "a\u0000b"],
    ["a lone surrogate", "a\ud800"],
  ])("a text with %s", (_what, wrong) => {
    expect(() => quoteLiteral(wrong)).toThrow(expect.objectContaining({ code: "compile/constant" }));
    expect(() => quoteIdentifier(wrong)).toThrow(expect.objectContaining({ code: "compile/identifier" }));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("the number %d", (wrong) => {
    expect(() => quoteConstant(wrong, "numeric")).toThrow(expect.objectContaining({ code: "compile/constant" }));
    expect(quoteConstant(1, "numeric")).toBe("'1'::pg_catalog.numeric");
  });

  test.each([
    ["an empty name", ""],
    ["a name of 64 bytes", "a".repeat(64)],
    ["a name of 63 characters and 64 bytes", `${"a".repeat(62)}é`],
  ])("%s", (_what, wrong) => {
    expect(() => quoteIdentifier(wrong)).toThrow(expect.objectContaining({ code: "compile/identifier" }));
    expect(quoteIdentifier("a".repeat(63))).toHaveLength(65);
  });
});
