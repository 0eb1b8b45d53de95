// One policy, some rows and askers: what `evaluate` says and what PostgreSQL does, decision by decision.
import { evaluate, type Policy, type Resource, type Row, type TableAction } from "@holdfast/policy";
import {
  ask,
  becomeAdministrator,
  insertSql,
  type Laboratory,
  prepareTrial,
  readIds,
  setSql,
  tablesOf,
} from "./ask.ts";
import type { Asker, Trial } from "./rows.ts";

export interface Disagreement {
  readonly statement: string;
  readonly subject: Asker["subject"];
  readonly expected: string;
  readonly found: string;
}

export interface Comparison {
  readonly decisions: number;
  readonly allowed: number;
  readonly disagreements: readonly Disagreement[];
}

interface Question {
  readonly statement: string;
  /** Each decision of `evaluate` behind the statement counts. */
  readonly decisions: number;
  readonly expected: readonly string[];
}

const REFUSED = "42501";

/** Applies `script` in a transaction, asks everything for every asker up to the first disagreement, and rolls back. */
export async function compare(
  laboratory: Laboratory,
  policy: Policy,
  script: string,
  trial: Trial,
): Promise<Comparison> {
  const disagreements: Disagreement[] = [];
  let [decisions, allowed] = [0, 0];
  await laboratory.connection.query("BEGIN");
  try {
    await prepareTrial(laboratory, script, trial);
    const now = Date.now();
    for (const asker of trial.askers) {
      const decide = decider(policy, asker, trial, now);
      const questions = questionsFor(trial, decide);
      const answers = await ask(
        laboratory,
        asker,
        questions.map(({ statement }) => statement),
      );
      const visible = await readIds(laboratory);
      await becomeAdministrator(laboratory);
      for (const [index, { statement, expected, decisions: count }] of questions.entries()) {
        decisions += count;
        const found = answers[index] as string;
        if (found !== "rows 0" && found.startsWith("rows")) allowed += 1;
        if (!expected.includes(found))
          disagreements.push({ statement, subject: asker.subject, expected: expected.join(" or "), found });
      }
      for (const row of trial.stored) {
        decisions += 1;
        const [expected, found] = [decide("select", { row }), visible.has(row.id as string)];
        if (found) allowed += 1;
        if (expected !== found) {
          disagreements.push({
            statement: `select ${row.id}`,
            subject: asker.subject,
            expected: String(expected),
            found: String(found),
          });
        }
      }
      if (disagreements.length > 0) break;
    }
  } finally {
    await laboratory.connection.query("ROLLBACK");
  }
  return { decisions, allowed, disagreements };
}

type Decide = (operation: TableAction, resource: Resource, returning?: boolean) => boolean;

function decider(policy: Policy, asker: Asker, trial: Trial, now: number): Decide {
  const tables = tablesOf(trial);
  return (operation, resource, returning = false) =>
    evaluate(policy, asker.subject, { kind: "table", table: "item", operation, returning }, resource, { now, tables })
      .allowed;
}

function questionsFor(trial: Trial, decide: Decide): Question[] {
  const refusal = ["rows 0", REFUSED];
  const inserts = trial.candidates.flatMap((newRow) => [
    {
      statement: insertSql("item", newRow),
      decisions: 1,
      expected: decide("insert", { newRow }) ? ["rows 1"] : [REFUSED],
    },
    {
      statement: `${insertSql("item", newRow)} RETURNING id, status`,
      decisions: 1,
      expected: decide("insert", { newRow }, true) ? ["rows 1"] : [REFUSED],
    },
  ]);
  const changes = trial.stored.flatMap((row, index) => {
    const change = trial.changes[index] as Row;
    const may = decide("update", { row, newRow: { ...row, ...change } });
    const statement = `UPDATE trial.item SET ${setSql(change)} WHERE id = '${row.id}'`;
    const deletion = `DELETE FROM trial.item WHERE id = '${row.id}'`;
    return [
      { statement, decisions: 1, expected: may ? ["rows 1"] : refusal },
      { statement: `${statement} RETURNING id`, decisions: 1, expected: may ? ["rows 1"] : refusal },
      { statement: deletion, decisions: 1, expected: decide("delete", { row }) ? ["rows 1"] : refusal },
      {
        statement: `${deletion} RETURNING status`,
        decisions: 1,
        expected: decide("delete", { row }) ? ["rows 1"] : refusal,
      },
    ];
  });
  return [...inserts, ...changes, ...everyRow(trial, decide)];
}

/** Statements without a WHERE touch exactly the rows a WHERE could have named. */
function everyRow(trial: Trial, decide: Decide): Question[] {
  const change = trial.changes[0] as Row;
  const touched = trial.stored.filter((row) => decide("update", { row, newRow: row }));
  const kept = touched.every((row) => decide("update", { row, newRow: { ...row, ...change } }));
  const deleted = trial.stored.filter((row) => decide("delete", { row }));
  const count = (rows: readonly Row[]): string[] => (rows.length === 0 ? ["rows 0", REFUSED] : [`rows ${rows.length}`]);
  return [
    { statement: `UPDATE trial.item SET ${setSql(change)}`, decisions: 1, expected: kept ? count(touched) : [REFUSED] },
    { statement: "DELETE FROM trial.item", decisions: 1, expected: count(deleted) },
  ];
}
