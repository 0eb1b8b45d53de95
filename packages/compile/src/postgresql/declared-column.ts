import type { ColumnPolicy, TablePolicy } from "@holdfast/policy";

/** A column the policy names. `defineSecurity` has checked that it is declared and of a fitting type; if not, that is a bug. */
export function declaredColumn(table: TablePolicy, name: string): ColumnPolicy {
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  if (column === undefined) throw new Error(`the policy names ${table.name}.${name} but does not declare it`);
  return column;
}
