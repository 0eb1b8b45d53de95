import {
  type ColumnPolicy,
  type Condition,
  type Mask,
  maskRow,
  type Policy,
  type Row,
  type TablePolicy,
} from "@holdfast/policy";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  becomeAdministrator,
  type Laboratory,
  openLaboratory,
  prepareTrial,
  tablesOf,
} from "../../testdata/differential/ask.ts";
import { conditions, policyWith } from "../../testdata/differential/policies.ts";
import { type Trial, trialOf } from "../../testdata/differential/rows.ts";
import { compilePostgres } from "./compile.ts";
import { scriptStatements } from "./script.ts";

/** `HOLDFAST_VALUES=100000 HOLDFAST_SEED=7` for a long run with another seed. */
const VALUES_MIN = Number(process.env["HOLDFAST_VALUES"] ?? 3_000);
const SEED = Number(process.env["HOLDFAST_SEED"] ?? 20_261_124);
const MS_PER_VALUE_MAX = 10;
/** Fewer than any run asks with `SIZE`. */
const VALUES_PER_RUN_MIN = 20;
const SIZE = { rows: 6, memberships: 8, persons: 2 };

let database: TestDatabase;
let laboratory: Laboratory;

beforeAll(async () => {
  database = await testDatabase();
  laboratory = await openLaboratory(await database.administrator(), database.prepared.claimKey);
});

afterAll(async () => {
  await database.drop();
});

const texts = [
  "ada@example.com",
  "@x",
  "a@b@c",
  "@@x",
  "4111 1111 1111 1111",
  "1234567",
  "🔒🔑🔒🔑🔒🔑🔒🔑",
  "line\nbreak@x.example",
  "",
];

/** A mask and a condition for each column that has one; which rows are seen is asked of all. */
function maskedPolicy(mask: Mask, unmaskedFor: readonly Condition[]): Policy {
  const open = policyWith({
    select: { kind: "anyone" },
    insert: { kind: "nobody" },
    update: { kind: "nobody" },
    delete: { kind: "nobody" },
  });
  const item = open.tables["item"] as TablePolicy;
  const masks: Readonly<Record<string, Mask>> = {
    status: mask,
    level: "redact",
    day: "year",
    due: "year",
    price: "redact",
  };
  const columns = Object.fromEntries(
    Object.entries(item.columns).map(([name, column], index): [string, ColumnPolicy] => {
      const own = masks[name];
      const condition = unmaskedFor[index % unmaskedFor.length] as Condition;
      return [name, own === undefined ? column : { ...column, masked: { mask: own, unmaskedFor: condition } }];
    }),
  );
  return { ...open, tables: { ...open.tables, item: { ...item, columns } } };
}

const QUERY = `SELECT id, status, level::text, price::text, day::text, (extract(epoch FROM due) * 1000)::bigint::text AS due FROM holdfast_masked.item`;

const asText = (name: string, value: Row[string] | undefined): string | null =>
  value === null || value === undefined ? null : name === "due" ? String(Date.parse(String(value))) : String(value);

/** What the view and `maskRow` say differently, and how many values they were asked. */
async function compareMasks(
  policy: Policy,
  script: string,
  trial: Trial,
): Promise<{ values: number; hidden: number; different: string[] }> {
  const different: string[] = [];
  let [values, hidden] = [0, 0];
  await laboratory.connection.query("BEGIN");
  try {
    await prepareTrial(laboratory, script, trial);
    for (const asker of trial.askers) {
      await ask(laboratory, asker, []);
      const { rows } = await laboratory.connection.query(QUERY);
      await becomeAdministrator(laboratory);
      const context = { now: Date.now(), tables: tablesOf(trial) };
      for (const row of trial.stored) {
        const shown = maskRow(policy, "item", asker.subject, row, context);
        const found = rows.find(({ id }) => id === row["id"]) as Record<string, string | null> | undefined;
        for (const name of ["status", "level", "day", "due"]) {
          values += 1;
          const expected = asText(name, shown[name]);
          if (expected !== asText(name, row[name])) hidden += 1;
          if (found?.[name] !== expected)
            different.push(`${name} ${JSON.stringify(row[name])}: ${expected} or ${found?.[name]}`);
        }
        values += 1;
        if ((found?.["price"] === null) !== (asText("price", shown["price"]) === null))
          different.push(`price ${row["price"]}`);
      }
    }
  } finally {
    await laboratory.connection.query("ROLLBACK");
  }
  return { values, hidden, different };
}

const withTexts = (trial: Trial, chosen: readonly string[]): Trial => ({
  ...trial,
  stored: trial.stored.map((row, index) => ({ ...row, status: chosen[index % chosen.length] ?? null })),
});

const scriptOf = (policy: Policy): string =>
  scriptStatements(compilePostgres(policy))
    .map(({ sql }) => sql)
    .join(";\n");

test(
  "the view in PostgreSQL and maskRow show alike, for random masks, conditions, rows and people",
  async () => {
    const total = { values: 0, hidden: 0 };
    const trial = fc.asyncProperty(
      fc.constantFrom<Mask>("email", "last4", "redact"),
      fc.array(conditions, { minLength: 2, maxLength: 3 }),
      fc.shuffledSubarray(texts, { minLength: SIZE.rows, maxLength: SIZE.rows }),
      trialOf(SIZE),
      async (mask, on, chosen, rows) => {
        if (total.values >= VALUES_MIN) return;
        const policy = maskedPolicy(
          mask,
          on.map(({ select }) => select),
        );
        const { values, hidden, different } = await compareMasks(policy, scriptOf(policy), withTexts(rows, chosen));
        total.values += values;
        total.hidden += hidden;
        expect(different.slice(0, 3)).toEqual([]);
      },
    );
    await fc.assert(trial, { numRuns: Math.ceil(VALUES_MIN / VALUES_PER_RUN_MIN), seed: SEED });
    console.info(`masks: ${total.values} values (${total.hidden} hidden), 0 disagreements`);
    expect(total.values).toBeGreaterThanOrEqual(VALUES_MIN);
    expect(total.hidden).toBeGreaterThan(total.values / 10);
  },
  VALUES_MIN * MS_PER_VALUE_MAX + 30_000,
);

test("a mask that PostgreSQL computes in another way is noticed", async () => {
  const policy = maskedPolicy("email", [{ kind: "nobody" }]);
  const [trial] = fc.sample(trialOf(SIZE), { numRuns: 1, seed: SEED });
  const { stored, ...others } = withTexts(trial as Trial, texts);
  const rows = { ...others, stored: stored.map((row) => ({ ...row, due: "2199-12-31T23:59:59Z" })) };
  for (const [from, to] of [
    ['left("status", 1)', 'left("status", 2)'],
    ["'.*(@.*)$'", "'(@.*)$'"],
    ["pg_catalog.date_trunc('year', \"due\", 'UTC')", '"due"'],
  ] as const) {
    const script = scriptOf(policy);
    expect(script).toContain(from);
    expect(
      (
        await compareMasks(
          policy,
          script.replaceAll(from, () => to),
          rows,
        )
      ).different,
    ).not.toEqual([]);
  }
});
