// Table × action × attacker × row: what `evaluate` says, and the statement that finds out what PostgreSQL says.
import { randomUUID } from "node:crypto";
import { evaluate, type Policy, type Row, type TableAction, type TablePolicy } from "@holdfast/policy";
import type { Canaries } from "./canary-rows.ts";
import { tableName } from "./canary-rows.ts";
import { type Outcome, passedRules, quoteIdentifier, undone } from "./database-session.ts";
import type { Attacker } from "./people.ts";

export interface TableCell {
  readonly table: string;
  readonly action: TableAction;
  readonly attacker: Attacker;
  readonly row: Row;
  readonly allowed: boolean;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Every attacker, with every action, on every canary row of every table. */
export function tableCells(
  policy: Policy,
  attackers: readonly Attacker[],
  canaries: Canaries,
  now: number,
): TableCell[] {
  const context = { now, tables: canaries.tables };
  return Object.entries(policy.tables).flatMap(([table, rule]) =>
    (canaries.tables[table] ?? []).flatMap((row) =>
      attackers.flatMap((attacker) =>
        statements(rule, row).map(({ action, newRow, text, values }): TableCell => {
          const resource = { ...(action === "insert" ? {} : { row }), ...(newRow ? { newRow } : {}) };
          const decision = evaluate(
            policy,
            attacker.subject,
            { kind: "table", table, operation: action },
            resource,
            context,
          );
          return { table, action, attacker, row, allowed: decision.allowed, text, values };
        }),
      ),
    ),
  );
}

interface Statement {
  readonly action: TableAction;
  readonly newRow?: Row;
  readonly text: string;
  readonly values: readonly unknown[];
}

function statements(rule: TablePolicy, row: Row): Statement[] {
  const name = tableName(rule);
  const key = quoteIdentifier(rule.primaryKey);
  const id = row[rule.primaryKey];
  const writable = writableColumn(rule);
  return [
    { action: "select", text: `select 1 from ${name} where ${key} = $1`, values: [id] },
    insertStatement(rule, row),
    ...(writable
      ? [
          {
            action: "update" as const,
            newRow: row,
            text: `update ${name} set ${quoteIdentifier(writable)} = ${quoteIdentifier(writable)} where ${key} = $1 ${undone}`,
            values: [id],
          },
        ]
      : []),
    { action: "delete", text: `delete from ${name} where ${key} = $1 ${undone}`, values: [id] },
  ];
}

/** A column that a client may write and that is not the key: the plainest first, since any will do. */
function writableColumn(rule: TablePolicy): string | undefined {
  const candidates = Object.entries(rule.columns).filter(
    // What is masked cannot be written back as it is: nobody reads it in the table.
    ([name, column]) => column.writable && column.masked === undefined && name !== rule.primaryKey,
  );
  return (candidates.find(([, column]) => column.type === "text") ?? candidates[0])?.[0];
}

/** The same row once more under another key, limited to what a client may write. */
function insertStatement(rule: TablePolicy, row: Row): Statement {
  const isWritten = (name: string): boolean => rule.columns[name]?.writable === true && row[name] !== undefined;
  const fresh: Row = {
    ...row,
    ...(rule.columns[rule.primaryKey]?.type === "uuid" ? { [rule.primaryKey]: randomUUID() } : {}),
  };
  const columns = Object.keys(fresh).filter(isWritten);
  const values = columns.map((column) => fresh[column]);
  return {
    action: "insert",
    newRow: fresh,
    text: `insert into ${tableName(rule)} (${columns.map(quoteIdentifier).join(", ")})
      values (${columns.map((_, at) => `$${at + 1}`).join(", ")}) ${undone}`,
    values: values.map((value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : value)),
  };
}

/** Whether the database did what the cell's attacker wanted. */
export function succeeded(cell: TableCell, outcome: Outcome): boolean {
  if (cell.action === "select") return outcome.kind === "rows" && outcome.rowCount > 0;
  return passedRules(outcome);
}
