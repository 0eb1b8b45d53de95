// How the database is asked about itself: each question alone, inside a transaction that only reads, so that one that is refused or
// late costs nothing but its own answer, and is told.

import type { ClientBase } from "pg";
import type { NotSeen } from "./shapes.ts";

/** Longest time for one question, in milliseconds. */
export const QUESTION_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 200;
const TIMED_OUT = "57014";
const SQLSTATE = /^[0-9A-Z]{5}$/;

export class Questions {
  readonly client: ClientBase;
  readonly notSeen: NotSeen[] = [];

  constructor(client: ClientBase) {
    this.client = client;
  }

  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.client.query<Row>(text, [...values])).rows;
  }

  /** What PostgreSQL refuses becomes a note and `otherwise`; a mistake of ours is thrown. Settings made inside end with it. */
  async guarded<T>(what: string, otherwise: T, work: () => Promise<T>): Promise<T> {
    await this.client.query("SAVEPOINT holdfast_question");
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (typeof code !== "string" || !SQLSTATE.test(code)) throw error;
      this.notSeen.push({ what, reason: reasonOf(code) });
      return otherwise;
    } finally {
      await this.client.query("ROLLBACK TO SAVEPOINT holdfast_question; RELEASE SAVEPOINT holdfast_question");
    }
  }
}

const reasonOf = (code: string): string =>
  code === TIMED_OUT
    ? `no answer within ${QUESTION_TIMEOUT_MS / 1_000} s`
    : code === "42501"
      ? "whoever looks may not see it: a member of pg_monitor may"
      : `PostgreSQL refused the question (${code})`;

/**
 * Runs `work` in a transaction that is rolled back, as `pg_monitor` where whoever connected may become it: statistics of everybody,
 * and no row of anybody.
 */
export async function asMonitor<T>(client: ClientBase, work: (questions: Questions) => Promise<T>): Promise<T> {
  await client.query("BEGIN READ ONLY");
  try {
    await client.query(
      `SET LOCAL search_path = ''; SET LOCAL statement_timeout = ${QUESTION_TIMEOUT_MS}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL jit = off`,
    );
    await client.query("SAVEPOINT holdfast_role");
    // Whoever may not become it looks as what they are, and is told what they could not see.
    await client.query("SET LOCAL ROLE pg_monitor").catch(() => client.query("ROLLBACK TO SAVEPOINT holdfast_role"));
    return await work(new Questions(client));
  } finally {
    await client.query("ROLLBACK");
  }
}

/** The quoted schema of an extension; undefined where it is not there. */
export async function schemaOf(questions: Questions, extension: string): Promise<string | undefined> {
  const [row] = await questions.rows<{ schema: string }>(
    "SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1",
    [extension],
  );
  return row?.schema;
}
