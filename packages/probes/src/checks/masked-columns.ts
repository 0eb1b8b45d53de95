import { randomBytes } from "node:crypto";
import { evaluate, maskedColumns, maskValue, type Row, type TablePolicy, truth } from "@holdfast/policy";
import { plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import {
  administratorConnection,
  databaseOf,
  describeOutcome,
  INSUFFICIENT_PRIVILEGE,
  type Outcome,
  outcomeOf,
  quoteIdentifier,
} from "../database-session.ts";
import type { Attacker } from "../people.ts";
import { ProbeError } from "../probe-error.ts";
import type { ProbeSession } from "../session.ts";

const MASKED_SCHEMA = "holdfast_masked";

/** A text column with a mask: what it hides can be made up, and looked for. */
interface Masked {
  readonly table: string;
  readonly rule: TablePolicy;
  readonly column: string;
}

export const maskedColumnsCheck: Check = {
  id: "masked-columns",
  title: "Somebody whom the policy shows a mask reads the value, in the table or the view, or finds it by a filter.",
  kind: "attack",
  asvs: ["V8.2.3", "V14.2.6"],
  wstg: ["WSTG-ATHZ-02"],
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: {
    name: "column-in-the-table",
    sentence: "Requests may read masked columns in their tables.",
    hole: {
      kind: "sql",
      statements: (policy) =>
        Object.values(policy.tables).flatMap((rule) =>
          maskedColumns(rule).map(
            (column) => `grant select (${quoteIdentifier(column)}) on ${tableName(rule)} to anon, authenticated`,
          ),
        ),
    },
  },
  run: async (session) => {
    const masked = maskedTexts(session);
    const administrator = await administratorConnection(session);
    const attackers = await session.people.everybody();
    const people = attackers.flatMap(({ subject }) => (subject.id === null ? [] : [subject.id])).slice(0, 3);
    const canaries = await plantCanaries(session, people);
    const seen = { masked: 0, whole: 0 };
    for (const { table, rule, column } of masked) {
      const rows: Row[] = [];
      for (const row of canaries.tables[table] ?? []) {
        const value = `probe-${randomBytes(9).toString("hex")}@probe.example`;
        await administrator.query(
          `update ${tableName(rule)} set ${quoteIdentifier(column)} = $2 where ${quoteIdentifier(rule.primaryKey)}::text = $1`,
          [String(row[rule.primaryKey]), value],
        );
        rows.push({ ...row, [column]: value });
      }
      const tables = { ...canaries.tables, [table]: rows };
      for (const attacker of attackers) {
        await attackTable(session, { table, rule, column }, attacker, rows);
        for (const row of rows) await attackRow(session, { table, rule, column }, attacker, row, tables, seen);
      }
    }
    session.require(seen.masked > 0 && seen.whole > 0, "some see the mask and some the value");
    return await session.conclude(
      `${seen.masked} values were masked and ${seen.whole} shown, as the policy says; none could be read or found otherwise.`,
    );
  },
};

function maskedTexts({ policy }: ProbeSession): readonly Masked[] {
  const found = Object.entries(policy.tables).flatMap(([table, rule]) =>
    maskedColumns(rule).flatMap((column) => (rule.columns[column]?.type === "text" ? [{ table, rule, column }] : [])),
  );
  if (found.length > 0) return found;
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Expected a text column with a mask, found none in the policy.",
    'Give a column of a table `masked: "email"`.',
  );
}

/** In the table the column is closed to everybody, whatever the statement looks like. */
async function attackTable(
  session: ProbeSession,
  { table, rule, column }: Masked,
  attacker: Attacker,
  rows: readonly Row[],
): Promise<void> {
  const [name, own, key] = [tableName(rule), quoteIdentifier(column), quoteIdentifier(rule.primaryKey)];
  const value = rows[0]?.[column];
  const attempts: readonly (readonly [string, string, readonly unknown[]])[] = [
    ["read it", `select ${own} from ${name} limit 1`, []],
    ["find by it", `select ${key} from ${name} where ${own} = $1`, [value]],
    ["order by it", `select ${key} from ${name} order by ${own} limit 1`, []],
  ];
  for (const [what, text, values] of attempts) {
    const outcome = await outcomeOf(() => databaseOf(session).asSubject(attacker.claims, text, values));
    session.judge({
      request: `${what} in the table "${table}" as ${attacker.name}`,
      expected: `SQLSTATE ${INSUFFICIENT_PRIVILEGE}`,
      got: describeOutcome(outcome),
      held: outcome.kind === "error" && outcome.sqlstate === INSUFFICIENT_PRIVILEGE,
    });
  }
}

async function attackRow(
  session: ProbeSession,
  { table, rule, column }: Masked,
  attacker: Attacker,
  row: Row,
  tables: Readonly<Record<string, readonly Row[]>>,
  seen: { masked: number; whole: number },
): Promise<void> {
  const { policy } = session;
  const masked = rule.columns[column]?.masked;
  if (masked === undefined) return;
  const context = { now: Date.now(), tables };
  const isVisible = evaluate(
    policy,
    attacker.subject,
    { kind: "table", table, operation: "select" },
    { row },
    context,
  ).allowed;
  const isShown = isVisible && truth(policy, masked.unmaskedFor, attacker.subject, { table, row }, context) === true;
  const view = `${quoteIdentifier(MASKED_SCHEMA)}.${quoteIdentifier(table)}`;
  const [own, key] = [quoteIdentifier(column), quoteIdentifier(rule.primaryKey)];
  const ask = (text: string, values: readonly unknown[]): Promise<Outcome> =>
    outcomeOf(() => databaseOf(session).asSubject(attacker.claims, text, values));
  const read = await ask(`select ${own} as value from ${view} where ${key} = $1`, [row[rule.primaryKey]]);
  const got = read.kind === "rows" ? read.rows[0]?.["value"] : undefined;
  const expected = isShown ? row[column] : isVisible ? maskValue(masked.mask, "text", row[column] ?? null) : undefined;
  if (isShown) session.require(got === row[column], `${attacker.name} sees the whole value of "${table}"`);
  else {
    session.judge({
      request: `read "${table}" through its masked view as ${attacker.name}`,
      expected: isVisible ? "the mask" : "no row",
      got: got === expected ? "as expected" : got === row[column] ? "the value" : describeOutcome(read),
      held: got === expected,
    });
    const found = await ask(`select ${key} from ${view} where ${own} = $1`, [row[column]]);
    const isFound = found.kind === "rows" && found.rowCount > 0;
    session.judge({
      request: `find a value of "${table}" in its masked view as ${attacker.name}`,
      expected: "nothing",
      got: isFound ? "the row" : "nothing",
      held: !isFound,
    });
  }
  if (isShown) seen.whole += 1;
  else if (isVisible) seen.masked += 1;
}
