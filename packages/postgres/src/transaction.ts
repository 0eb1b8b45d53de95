// Several statements in one transaction. BEGIN and the claims travel with the first statement, so a transaction costs one
// round trip more than its statements.
import type pg from "pg";
import { DatabaseError } from "./error.ts";
import { runStatement, type Statement, type SubjectSettings } from "./pipeline.ts";
import type { PooledClient } from "./pooled-client.ts";

/** What the work of a transaction may do. */
export interface Transaction {
  /** Runs one statement; values are sent apart from the text. @throws DatabaseError */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

/** Runs the first statement of a transaction, and what has to go before it. */
export type Begin = (statement: Statement) => Promise<pg.QueryResult>;

/** Commits what `work` did, or rolls it back when it throws. @throws DatabaseError, or whatever `work` throws */
export async function runTransaction<T>(
  client: PooledClient,
  subject: SubjectSettings | undefined,
  work: (transaction: Transaction) => Promise<T>,
  onError: (error: DatabaseError) => void = () => undefined,
  begin: Begin = (statement) => runStatement(client, statement, { opensTransaction: true, subject }),
): Promise<T> {
  let isBegun = false;
  let isOver = false;
  const query: Transaction["query"] = async (text, values = []) => {
    if (isOver) throw over("a statement after its end");
    const run: Begin = isBegun ? (statement) => runStatement(client, statement) : begin;
    isBegun = true;
    try {
      const result = (await run({ text, values })) as pg.QueryResult<never>;
      // A statement such as COMMIT ended it: whatever follows would run alone and without the claims.
      if (client.wire.getTransactionStatus() !== "T") throw over("a statement that ended it");
      return result;
    } catch (error) {
      if (error instanceof DatabaseError) onError(error);
      throw error;
    }
  };
  try {
    const value = await work({ query });
    isOver = true;
    if (isBegun) await commit(client);
    return value;
  } catch (error) {
    isOver = true;
    if (isBegun) await rollback(client);
    throw error;
  }
}

async function commit(client: PooledClient): Promise<void> {
  const { command } = await runStatement(client, { text: "commit" });
  // COMMIT of a transaction that has failed rolls back, and says so only in its tag.
  if (command !== "COMMIT") throw over("a failed statement whose error was dropped; everything was rolled back");
}

async function rollback(client: PooledClient): Promise<void> {
  // Always: a refusal reaches us before the ReadyForQuery that tells the connection's state, which then still reads "idle".
  await runStatement(client, { text: "rollback" }).catch(() => client.markUnusable()); // Closing it rolls back as well.
}

const over = (found: string): DatabaseError =>
  new DatabaseError("database/transaction-over", {
    expected: "a transaction that only Holdfast begins and ends",
    found,
    hint: "Leave BEGIN, COMMIT and ROLLBACK out, await every statement, and let errors out of the work.",
  });
