import type { ColumnPolicy } from "./policy.ts";

/** What a condition may speak of at its place. */
export interface Scope {
  readonly roles: readonly string[];
  /** Columns of every declared table, for `member`. */
  readonly tables: Readonly<Record<string, Columns>>;
  /** Columns of the row, or null where there is no row (routes and pages). */
  readonly columns: Columns | null;
}

/** Columns by name. */
export type Columns = Readonly<Record<string, ColumnPolicy>>;
