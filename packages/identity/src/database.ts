// What identity needs of PostgreSQL: one statement at a time. Every change that must hold together is one statement, so there
// are no transactions to keep open and no races between them.

export interface Database {
  query<Row>(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}
