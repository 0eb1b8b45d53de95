// Translates what pg and PostgreSQL say into our own codes (PostgreSQL, Appendix A: error codes). What is not known is "failed".
import { DatabaseError, type DatabaseErrorCode, type SchemaPlace } from "./error.ts";

interface Meaning {
  readonly expected: string;
  readonly hint: string;
}

const meanings: Readonly<Partial<Record<DatabaseErrorCode, Meaning>>> = {
  "database/refused": {
    expected: "the subject to have the privilege and a policy that allows it",
    hint: "The policy does not allow this action on this row to this subject.",
  },
  "database/claims-refused": {
    expected: "claims that Holdfast signed for this connection and role, not expired",
    hint: "Something set claims or a role by hand, or the clocks of application and database differ by minutes.",
  },
  "database/session-ended": {
    expected: "a session that is still alive",
    hint: "It was ended after its token was verified; answer as to an invalid token.",
  },
  "database/constraint-broken": {
    expected: "values that keep every constraint",
    hint: "See `place` for the constraint's name.",
  },
  "database/input-invalid": {
    expected: "values that fit their types",
    hint: "Check the parameters' types and ranges.",
  },
  "database/conflict": { expected: "no concurrent change of the same rows", hint: "Run the whole transaction again." },
  "database/timeout": {
    expected: "the statement to end within its time limit",
    hint: "Make it cheaper, or do less in one transaction.",
  },
  "database/unavailable": {
    expected: "PostgreSQL to be reachable",
    hint: "It is stopped, starting or cut off; the pool connects again by itself.",
  },
  "database/failed": {
    expected: "a statement that PostgreSQL can run",
    hint: "The cause holds PostgreSQL's own message.",
  },
};

const exact: Readonly<Record<string, DatabaseErrorCode>> = {
  "28000": "database/claims-refused",
  // Our own: holdfast.verified() raises it.
  "28HF1": "database/session-ended",
  "42501": "database/refused",
  "40001": "database/conflict",
  "40P01": "database/conflict",
  "55P03": "database/timeout",
  "57014": "database/timeout",
  "25P03": "database/timeout",
  "25P04": "database/timeout",
  "57P05": "database/timeout",
  "57P01": "database/unavailable",
  "57P02": "database/unavailable",
  "57P03": "database/unavailable",
  "28P01": "database/unavailable",
  "3D000": "database/unavailable",
};

const byClass: Readonly<Record<string, DatabaseErrorCode>> = {
  "08": "database/unavailable",
  "22": "database/input-invalid",
  "23": "database/constraint-broken",
  "53": "database/unavailable",
  "58": "database/unavailable",
};

/** Such an error ends the connection, whatever else it says (PostgreSQL, message severity levels). */
export const ENDS_CONNECTION = new Set<unknown>(["FATAL", "PANIC"]);

interface ServerError {
  readonly severity?: unknown;
  readonly code?: unknown;
  readonly schema?: unknown;
  readonly table?: unknown;
  readonly column?: unknown;
  readonly constraint?: unknown;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Our error for anything a statement or a connection threw. */
export function databaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const found: ServerError = error instanceof Error ? (error as ServerError) : {};
  // Only the server's errors have a severity; Node's EPIPE would pass for an SQLSTATE.
  const isServers = typeof found.severity === "string" && typeof found.code === "string" && SQLSTATE.test(found.code);
  const sqlState = isServers ? (found.code as string) : undefined;
  // Without an SQLSTATE it never came from the server: the connection failed or ended (ECONNREFUSED, EPIPE, "terminated").
  const code =
    sqlState === undefined
      ? "database/unavailable"
      : (exact[sqlState] ??
        byClass[sqlState.slice(0, 2)] ??
        (ENDS_CONNECTION.has(found.severity) ? "database/unavailable" : "database/failed"));
  const meaning = meanings[code] as Meaning;
  return new DatabaseError(
    code,
    { ...meaning, found: sqlState === undefined ? "no connection" : `SQLSTATE ${sqlState}`, cause: error },
    placeOf(found, sqlState),
  );
}

function placeOf(found: ServerError, sqlState: string | undefined): SchemaPlace {
  const place: Record<string, string> = {};
  if (sqlState !== undefined) place.sqlState = sqlState;
  for (const key of ["schema", "table", "column", "constraint"] as const) {
    const value = found[key];
    if (typeof value === "string") place[key] = value;
  }
  return place;
}
