// What sealed columns are in PostgreSQL: domains over bytea that take nothing but sealed bytes, and an index beside them.
import { type ColumnPolicy, indexColumnOf, type TablePolicy } from "@holdfast/policy";
import type { WantedColumn } from "./model.ts";

/** The columns a table has for one of the policy's: itself, and its blind index. */
export function wantedColumns(name: string, column: ColumnPolicy): readonly (readonly [string, WantedColumn])[] {
  const { type, nullable, sealed } = column;
  if (sealed === undefined) return [[name, { type, nullable }]];
  const own = [name, { type: "sealed", nullable, plain: type }] as const;
  return sealed.blindIndex ? [own, [indexColumnOf(name), { type: "blind_index", nullable: true }]] : [own];
}

/** The blind indexes that clients read and write together with the columns they belong to. */
export const indexColumns = (table: TablePolicy, keep: (column: ColumnPolicy) => boolean): readonly string[] =>
  Object.entries(table.columns)
    .filter(([, column]) => column.sealed?.blindIndex === true && keep(column))
    .map(([name]) => indexColumnOf(name));

/** A value is sealed for its row: a row that gets another key could not be read any more. */
export const keepsItsKey = (table: TablePolicy): boolean =>
  Object.values(table.columns).some(({ sealed }) => sealed !== undefined);
