// Asks PostgreSQL what a subject may do, statement by statement, without leaving a trace: every statement is undone.
import { type ColumnType, type Policy, type Row, type Scalar } from "@holdfast/policy";
import { claimProof } from "@holdfast/postgres";
import { quoteConstant, quoteIdentifier } from "../../src/postgresql/quoting.ts";
import { ITEM_COLUMNS, MEMBERSHIP_COLUMNS } from "./policies.ts";
import type { Asker, Trial } from "./rows.ts";

/** The part of a PostgreSQL connection that is needed here. */
export interface Connection {
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
}

export interface Laboratory {
  readonly connection: Connection;
  readonly key: { readonly id: string; readonly key: string };
  readonly backendPid: number;
}

type Columns = Readonly<Record<string, { readonly type: ColumnType; readonly nullable?: boolean }>>;

function createTable(name: string, columns: Columns): string {
  const list = Object.entries(columns).map(
    ([column, { type, nullable }]) => `${quoteIdentifier(column)} ${type}${nullable === true ? "" : " NOT NULL"}`,
  );
  return `CREATE TABLE trial.${name} (${list.join(", ")}, PRIMARY KEY (id))`;
}

/** Each statement runs in a block that always fails, so that it is undone; what it did comes back as "rows n" or as its SQLSTATE. */
const ASK_FUNCTION = `
CREATE FUNCTION trial_ask.ask(statements text[]) RETURNS text[] LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
  answers text[] := '{}';
  statement text;
  affected bigint;
BEGIN
  FOREACH statement IN ARRAY statements LOOP
    BEGIN
      EXECUTE statement;
      GET DIAGNOSTICS affected = ROW_COUNT;
      RAISE EXCEPTION USING ERRCODE = 'HF000';
    EXCEPTION
      WHEN SQLSTATE 'HF000' THEN answers := answers || ('rows ' || affected);
      WHEN OTHERS THEN answers := answers || SQLSTATE;
    END;
  END LOOP;
  RETURN answers;
END $$`;

export async function openLaboratory(connection: Connection, key: Laboratory["key"]): Promise<Laboratory> {
  await connection.query(
    [
      "CREATE SCHEMA trial; CREATE SCHEMA trial_ask",
      createTable("item", ITEM_COLUMNS),
      createTable("membership", MEMBERSHIP_COLUMNS),
      "GRANT USAGE ON SCHEMA trial_ask TO anon, authenticated",
      ASK_FUNCTION,
      "GRANT EXECUTE ON FUNCTION trial_ask.ask(text[]) TO anon, authenticated",
    ].join(";\n"),
  );
  const { rows } = await connection.query("SELECT pg_backend_pid() AS pid");
  return { connection, key, backendPid: rows[0].pid };
}

function constant(value: Scalar | null, type: ColumnType): string {
  return value === null ? "NULL" : quoteConstant(value, type);
}

export function insertSql(table: "item" | "membership", row: Row): string {
  const columns: Columns = table === "item" ? ITEM_COLUMNS : MEMBERSHIP_COLUMNS;
  const names = Object.keys(row);
  const values = names.map((name) => constant(row[name] as Scalar | null, (columns[name] as Columns[string]).type));
  return `INSERT INTO trial.${table} (${names.map(quoteIdentifier).join(", ")}) VALUES (${values.join(", ")})`;
}

export function setSql(change: Row): string {
  return Object.entries(change)
    .map(
      ([name, value]) =>
        `${quoteIdentifier(name)} = ${constant(value, (ITEM_COLUMNS as Columns)[name]?.type as ColumnType)}`,
    )
    .join(", ");
}

/** Puts the compiled policy and the rows into the open transaction. `script` is the artifact's text without its own transaction. */
export async function prepareTrial(laboratory: Laboratory, script: string, trial: Trial): Promise<void> {
  const rows = [
    ...trial.stored.map((row) => insertSql("item", row)),
    ...trial.memberships.map((row) => insertSql("membership", row)),
  ];
  await laboratory.connection.query(`${script};\n${rows.join(";\n")}`);
}

/** Runs statements as the asker: role and signed claims as `asSubject` sets them. */
export async function ask(
  laboratory: Laboratory,
  asker: Asker,
  statements: readonly string[],
): Promise<readonly string[]> {
  const role = asker.claims?.sub === undefined ? "anon" : "authenticated";
  const claims = asker.claims === null ? "" : JSON.stringify(asker.claims);
  const { key, backendPid } = laboratory;
  const scope = {
    backendPid,
    role,
    subject: asker.subject.id ?? "",
    session: "",
    expiresAt: Date.now() + PROOF_LIFETIME_MS,
  } as const;
  const proof = asker.claims === null ? "" : claimProof(key, claims, scope);
  await laboratory.connection.query(
    "SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('holdfast.proof', $3, true)",
    [role, claims, proof],
  );
  const { rows } = await laboratory.connection.query("SELECT trial_ask.ask($1) AS answers", [statements]);
  return rows[0].answers;
}

export async function readIds(laboratory: Laboratory): Promise<ReadonlySet<string>> {
  const { connection } = laboratory;
  await connection.query("SAVEPOINT reading");
  try {
    const { rows } = await connection.query("SELECT id FROM trial.item");
    return new Set(rows.map(({ id }) => id));
  } catch (error) {
    // No right to select at all: no row is visible.
    if ((error as { code?: string }).code !== "42501") throw error;
    return new Set();
  } finally {
    await connection.query("ROLLBACK TO SAVEPOINT reading");
  }
}

export async function becomeAdministrator(laboratory: Laboratory): Promise<void> {
  await laboratory.connection.query("RESET ROLE");
}

const PROOF_LIFETIME_MS = 60_000;

export function tablesOf(trial: Trial): Record<keyof Policy["tables"], readonly Row[]> {
  return { membership: trial.memberships, item: trial.stored };
}
