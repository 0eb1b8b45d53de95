// The database as an attacker reaches it: the application's own pool, a stolen connection of its login role, and an
// administrator that only plants and reads.
import pg from "pg";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";
import type { ConnectionSettings, DatabaseListener, TargetDatabase } from "./target.ts";

export const INSUFFICIENT_PRIVILEGE = "42501";
export const INVALID_AUTHORIZATION = "28000";
/** Raised by our own statements to take back what was allowed; see `undone`. */
export const DIVISION_BY_ZERO = "22012";
export const UNIQUE_VIOLATION = "23505";

const SQLSTATE = /^[0-9A-Z]{5}$/u;

/** The target's database. @throws ProbeError `probes/nothing-to-attack` when none was given. */
export function databaseOf(session: ProbeSession): TargetDatabase {
  if (session.target.database) return session.target.database;
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Expected a database in the target, found none.",
    "Give prove() the database's settings.",
  );
}

/** PostgreSQL as it listens on TCP, closed after the check. @throws ProbeError `probes/nothing-to-attack` without one. */
export async function databaseListener(session: ProbeSession): Promise<DatabaseListener> {
  const { listener: open } = databaseOf(session);
  if (open === undefined) {
    throw new ProbeError(
      "probes/nothing-to-attack",
      "Expected a PostgreSQL that listens on TCP, or one started like it, found none.",
      "Give target.database.listener.",
    );
  }
  const listener = await open();
  session.afterwards(() => listener.close());
  return listener;
}

/** A connection as the application's login role, closed after the check. */
export async function stolenConnection(session: ProbeSession): Promise<pg.Client> {
  return await opened(session, databaseOf(session).apiConnection);
}

/** A connection as the administrator, closed after the check. @throws ProbeError `probes/nothing-to-attack` without one. */
export async function administratorConnection(session: ProbeSession): Promise<pg.Client> {
  const { administrator } = databaseOf(session);
  if (administrator) return await opened(session, administrator);
  throw new ProbeError(
    "probes/nothing-to-attack",
    "Expected an administrator of the database to plant canary rows, found none.",
    "Give target.database.administrator.",
  );
}

async function opened(session: ProbeSession, settings: ConnectionSettings): Promise<pg.Client> {
  const client = new pg.Client({ ...settings, application_name: "holdfast-probe" } as pg.ClientConfig);
  // A check may provoke the server into closing the connection; the statement that was running reports it.
  client.on("error", () => {});
  await client.connect();
  session.afterwards(() => client.end());
  return client;
}

/** How a statement ended: rows, or the SQLSTATE of its refusal. */
export type Outcome =
  | { readonly kind: "rows"; readonly rowCount: number; readonly rows: readonly Record<string, unknown>[] }
  | { readonly kind: "error"; readonly sqlstate: string; readonly message: string };

/**
 * What a busy or stopping server ends anything with (PostgreSQL, Appendix A): no connection, no resources, a conflict, an operator, a
 * time limit. It says nothing about the statement, so that a check which meets it has learnt nothing.
 */
const SAYS_NOTHING = /^(?:08|40|53|57|58)|^(?:55P03|25P0[345])$/u;

/** Runs a statement and turns a refusal of the database into a value; any other error is thrown. */
export async function outcomeOf(
  work: () => Promise<{ rows: readonly Record<string, unknown>[]; rowCount: number | null }>,
): Promise<Outcome> {
  try {
    const { rows, rowCount } = await work();
    return { kind: "rows", rowCount: rowCount ?? 0, rows };
  } catch (error) {
    const sqlstate = sqlstateOf(error);
    if (!sqlstate || SAYS_NOTHING.test(sqlstate)) throw error;
    return { kind: "error", sqlstate, message: (error as Error).message };
  }
}

/** The SQLSTATE of an error or of what caused it. */
function sqlstateOf(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code, sqlstate } = current as Error & { code?: unknown; sqlstate?: unknown };
    for (const value of [sqlstate, code]) if (typeof value === "string" && SQLSTATE.test(value)) return value;
  }
  return null;
}

export function describeOutcome(outcome: Outcome): string {
  return outcome.kind === "rows" ? `${outcome.rowCount} rows` : `SQLSTATE ${outcome.sqlstate}`;
}

/**
 * A RETURNING clause that fails for each row it is reached for, so that what the policy allowed is taken back: the statement
 * ends in 22012 instead of a change. Volatile, or the planner would divide before it looks; names no column, or SELECT
 * policies would be asked as well.
 */
export const undone = "returning 1 / (pg_catalog.random() * 0)::integer";

/** What an `undone` statement says: the rules let the row through, or they did not. */
export function passedRules(outcome: Outcome): boolean {
  // A unique key is looked at after the policies (ExecInsert in nodeModifyTable.c): the row had passed them.
  return outcome.kind === "error" && [DIVISION_BY_ZERO, UNIQUE_VIOLATION].includes(outcome.sqlstate);
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
