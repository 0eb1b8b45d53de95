// What a statement's values hold in place of what is sealed. They never reach PostgreSQL themselves: without a pool that
// seals, pg asks them for their text and is refused.
import { DatabaseError } from "../error.ts";

/** The row a value is for. */
export interface SealedRow {
  /** The value of its primary key; the application chooses it before it writes. */
  readonly key: string | number | bigint;
  /** Whose value it is, where the policy gives each subject keys of their own. */
  readonly subject?: string;
}

/** A value for a sealed column. */
export class ValueToSeal {
  readonly column: string;
  readonly row: SealedRow;
  readonly value: unknown;

  constructor(column: string, row: SealedRow, value: unknown) {
    this.column = column;
    this.row = row;
    this.value = value;
  }

  toPostgres(): never {
    throw unsealed(this.column);
  }

  toJSON(): never {
    throw unsealed(this.column);
  }
}

/** A value that a blind index is made of. */
export class ValueToFind {
  readonly column: string;
  readonly value: string | null;

  constructor(column: string, value: string | null) {
    this.column = column;
    this.value = value;
  }

  toPostgres(): never {
    throw unsealed(this.column);
  }

  toJSON(): never {
    throw unsealed(this.column);
  }
}

/**
 * The value of a statement for a sealed column: `toSeal("notes.body", { key: id, subject }, text)`. Null stays null; text for
 * columns of type text, whatever JSON holds for jsonb.
 */
export const toSeal = (column: string, row: SealedRow, value: unknown): ValueToSeal =>
  new ValueToSeal(column, row, value);

/** The blind index of a value, to write beside it and to find it by: `where address_index = $1`. */
export const toFind = (column: string, value: string | null): ValueToFind => new ValueToFind(column, value);

const unsealed = (column: string): DatabaseError =>
  new DatabaseError("database/sealed-unbound", {
    expected: `a pool that seals ${column}`,
    found: "one that knows of no sealed columns",
    hint: "Use the pool that the platform gives the service; the policy must declare the column sealed.",
  });
