// A database with the platform's schema, and the means of an attacker who owns it.
import { testDatabase } from "@holdfast/postgres/testing";
import type { ChainHead } from "../store/chain.ts";
import type { Database } from "../store/database.ts";
import { platformMigrations } from "../store/migrations.ts";
import type { SealedHead } from "../store/sealed-head.ts";

export interface PlatformDatabase {
  readonly database: Database;
  /** A second pool of the same role, as another process would have. */
  another(): Database;
  /** Runs a statement as the superuser with every trigger of the table disabled. */
  tamper(table: string, statement: string): Promise<void>;
  /** Runs a statement as the superuser, triggers on. */
  administer(statement: string): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export async function platformDatabase(): Promise<PlatformDatabase> {
  const test = await testDatabase({ migrationSets: [platformMigrations] });
  const administrator = await test.administrator();
  const another = (): Database => test.pool("holdfast_platform");
  return {
    database: another(),
    another,
    async tamper(table, statement) {
      await administrator.query(`ALTER TABLE platform.${table} DISABLE TRIGGER USER`);
      await administrator.query(statement);
      await administrator.query(`ALTER TABLE platform.${table} ENABLE ALWAYS TRIGGER refuse_row_change`);
      await administrator.query(`ALTER TABLE platform.${table} ENABLE ALWAYS TRIGGER refuse_truncate`);
    },
    administer: async (statement) => (await administrator.query(statement)).rows as Record<string, unknown>[],
    drop: () => test.drop(),
  };
}

/** A head kept in memory, beyond the reach of whoever owns the database. */
export function headInMemory(): SealedHead & { head: ChainHead | null } {
  const kept = {
    head: null as ChainHead | null,
    read: async () => kept.head,
    write: async (head: ChainHead) => {
      kept.head = head;
    },
  };
  return kept;
}

/** A database whose network can be cut. */
export function breakable(database: Database): Database & { isDown: boolean; failAfterCommit: boolean } {
  const gone = (): never => {
    throw new Error("Connection terminated unexpectedly");
  };
  const broken = {
    isDown: false,
    /** The next transaction commits, but its answer is lost. */
    failAfterCommit: false,
    query: <Row extends object>(text: string, values?: readonly unknown[]) =>
      broken.isDown ? gone() : database.query<Row>(text, values),
    async transaction<Result>(work: Parameters<typeof database.transaction<Result>>[0]): Promise<Result> {
      if (broken.isDown) return gone();
      const result = await database.transaction(work);
      if (!broken.failAfterCommit) return result;
      broken.failAfterCommit = false;
      return gone();
    },
  };
  return broken;
}
