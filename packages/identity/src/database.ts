// What identity needs of PostgreSQL. A change that must hold together is one statement wherever one can say it, so that there
// are few transactions to keep open and no races between them.

export interface Statements {
  query<Row>(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

export interface Database extends Statements {
  /** Everything that `work` does, or nothing. What is told to others about it is told afterwards. */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
}

/**
 * Until the transaction ends nobody else changes the account. A statement of its own, so that the next one counts what was stored
 * while this one waited.
 */
export async function lockAccount(statements: Statements, id: string): Promise<void> {
  await statements.query("select from auth.users where id = $1 for update", [id]);
}
