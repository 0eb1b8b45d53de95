// Which fields of a result are sealed, and by which field beside them the row is known. Made once for each shape of result.
import type pg from "pg";
import { DatabaseError } from "../error.ts";
import { columnPath, type PlacedColumn } from "./sealed-column.ts";

export interface SealedField {
  readonly name: string;
  readonly keyName: string;
  readonly placed: PlacedColumn;
}

export interface ResultPlan {
  readonly sealed: readonly SealedField[];
  /** Other fields that may hold sealed bytes: of views, expressions, or a column that moved since PostgreSQL was asked. */
  readonly bytes: readonly string[];
}

const BYTEA = 17;

/** @throws DatabaseError `database/sealed-unbound` when a sealed field cannot be bound to one row. */
export function planResult(fields: readonly pg.FieldDef[], placed: readonly PlacedColumn[]): ResultPlan {
  const sealed: SealedField[] = [];
  const bytes: string[] = [];
  for (const field of fields) {
    const own = placed.find(({ relationId, number }) => field.tableID === relationId && field.columnID === number);
    if (own?.isSealed === true) sealed.push({ name: field.name, keyName: keyNameOf(fields, own, field), placed: own });
    else if (field.dataTypeID === BYTEA) bytes.push(field.name);
  }
  return { sealed, bytes };
}

function keyNameOf(fields: readonly pg.FieldDef[], placed: PlacedColumn, field: pg.FieldDef): string {
  const keys = fields.filter(({ tableID, columnID }) => tableID === placed.relationId && columnID === placed.keyNumber);
  const [key] = keys;
  const { primaryKey, table } = placed.column;
  if (key === undefined) throw unbound(placed, `no ${table}.${primaryKey} beside it`);
  const twice = fields.filter(({ tableID, columnID }) => tableID === field.tableID && columnID === field.columnID);
  if (keys.length > 1 || twice.length > 1) throw unbound(placed, `${table} twice in one result`);
  for (const name of [key.name, field.name])
    if (fields.filter((other) => other.name === name).length > 1) throw unbound(placed, `two fields named ${name}`);
  return key.name;
}

export const unbound = ({ column }: Pick<PlacedColumn, "column">, found: string): DatabaseError =>
  new DatabaseError(
    "database/sealed-unbound",
    {
      expected: `${columnPath(column)} together with the key of its row, ${column.primaryKey}, once`,
      found,
      hint: "Select the primary key beside the sealed column, under a name of its own, and from one row of the table.",
    },
    { schema: column.schema, table: column.relation, column: column.name },
  );
