import { evaluate, type Row } from "@holdfast/policy";
import { fromAttackList } from "../attack-list.ts";
import { columnFacts, plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import { databaseOf, describeOutcome, outcomeOf, passedRules, quoteIdentifier, undone } from "../database-session.ts";
import { type Attacker, asAttacker } from "../people.ts";
import { eachTable } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

export const rls04: Check = {
  ...fromAttackList("RLS-04"),
  title: "A row is written into another tenant, or moved there, because only the old row is checked.",
  kind: "attack",
  layers: ["database"],
  events: [],
  company: "together",
  sabotage: {
    name: "without-with-check",
    sentence: "A policy lets every row be written, whatever it becomes.",
    hole: {
      kind: "sql",
      statements: (policy) =>
        eachTable(
          policy,
          (table, key) =>
            `create policy ${quoteIdentifier(`probe_hole_${key}`)} on ${table} for all to authenticated using (true) with check (true)`,
        ),
    },
  },
  run: async (session) => {
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const canaries = await plantCanaries(session, [alice.id, bob.id]);
    const now = Date.now();
    for (const [table, rows] of Object.entries(canaries.tables)) {
      const people = columnFacts(session.policy, table).people;
      for (const column of people) {
        if (!session.policy.tables[table]?.columns[column]?.writable) continue;
        for (const row of rows) {
          for (const [attacker, other] of [
            [asAttacker("alice", alice), bob.id],
            [asAttacker("bob", bob), alice.id],
          ] as const) {
            const moved: Row = { ...row, [column]: other };
            const context = { now, tables: canaries.tables };
            const mayMove = evaluate(
              session.policy,
              attacker.subject,
              { kind: "table", table, operation: "update" },
              { row, newRow: moved },
              context,
            ).allowed;
            const mayMake = evaluate(
              session.policy,
              attacker.subject,
              { kind: "table", table, operation: "insert" },
              { newRow: moved },
              context,
            ).allowed;
            if (!mayMove && row[column] !== other) await attemptMove(session, { table, row, column, attacker, other });
            if (!mayMake) await attemptMake(session, { table, row: moved, column, attacker });
          }
        }
      }
    }
    return await session.conclude("No row could be written into another tenant or moved there.");
  },
};

interface Move {
  readonly table: string;
  readonly row: Row;
  readonly column: string;
  readonly attacker: Attacker;
  readonly other: string;
}

async function attemptMove(session: ProbeSession, { table, row, column, attacker, other }: Move): Promise<void> {
  const rule = session.policy.tables[table];
  if (!rule) return;
  const text = `update ${tableName(rule)} set ${quoteIdentifier(column)} = $2 where ${quoteIdentifier(rule.primaryKey)} = $1 ${undone}`;
  await attempt(session, `move a row of "${table}" to another person (${column}) as ${attacker.name}`, attacker, text, [
    row[rule.primaryKey],
    other,
  ]);
}

async function attemptMake(
  session: ProbeSession,
  { table, row, column, attacker }: Omit<Move, "other">,
): Promise<void> {
  const rule = session.policy.tables[table];
  if (!rule) return;
  const columns = Object.keys(row).filter((name) => rule.columns[name]?.writable === true);
  const text = `insert into ${tableName(rule)} (${columns.map(quoteIdentifier).join(", ")}) values (${columns.map((_, at) => `$${at + 1}`).join(", ")}) ${undone}`;
  const values = columns.map((name) => row[name]);
  await attempt(
    session,
    `make a row of "${table}" in another's name (${column}) as ${attacker.name}`,
    attacker,
    text,
    values,
  );
}

async function attempt(
  session: ProbeSession,
  request: string,
  attacker: Attacker,
  text: string,
  values: readonly unknown[],
): Promise<void> {
  const outcome = await outcomeOf(() => databaseOf(session).asSubject(attacker.claims, text, values));
  const done = passedRules(outcome);
  session.judge({
    request,
    expected: "no row, or SQLSTATE 42501",
    got: done ? "done" : describeOutcome(outcome),
    held: !done,
  });
}
