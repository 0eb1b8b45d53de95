// What the logs need of a database: statements, and a transaction on one connection. PostgreSQL's pool fulfils it.

export interface Statements {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

export interface Database extends Statements {
  /** Runs `work` in one transaction on one connection; commits when it returns and rolls back when it throws. */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result>;
}
