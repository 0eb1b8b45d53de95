// The meaning of conditions about a row, exactly as PostgreSQL computes the compiled form.
import type { Comparison, Condition, Scalar } from "./condition.ts";
import type { Context, Row, Truth } from "./decision.ts";
import { allOf, anyOf } from "./kleene.ts";
import { ownField } from "./own-field.ts";
import type { ColumnType, TablePolicy } from "./policy.ts";
import { compareScalars, readTimestamp } from "./scalar.ts";

type Tables = Readonly<Record<string, TablePolicy>>;
type RowCondition = Extract<Condition, { readonly column: string }>;

interface Asked {
  readonly table: string;
  readonly row: Row | undefined;
}

/** `person` is the id of the person who asks, or null. */
export function rowTruth(
  tables: Tables,
  { table: name, row }: Asked,
  condition: RowCondition,
  person: string | null,
  context: Context,
): Truth {
  const cell = readCell(ownField(tables, name), row, condition.column);
  if (cell === undefined) return null;
  const { type, value } = cell;
  if (condition.kind === "isNull") return value === null;
  if (condition.kind === "member") return memberTruth(tables, condition, person, value, context);
  if (value === null) return null;
  switch (condition.kind) {
    case "owner":
      return person === null ? null : equals(compareScalars("uuid", value, person));
    case "compare":
      return relates(condition.operator, compareScalars(type, value, condition.value));
    case "oneOf":
      return anyOf(condition.values, (candidate) => equals(compareScalars(type, value, candidate)));
    case "time":
      return timeTruth(value, condition.is, context);
  }
}

interface Cell {
  readonly type: ColumnType;
  /** Null in SQL's sense. */
  readonly value: Scalar | null;
}

/** A declared column of a row; undefined where the row does not carry it, which is not the same as null. */
function readCell(table: TablePolicy | undefined, row: Row | undefined, column: string): Cell | undefined {
  const declared = table === undefined ? undefined : ownField(table.columns, column);
  const value = row === undefined ? undefined : ownField(row, column);
  return declared === undefined || value === undefined ? undefined : { type: declared.type, value };
}

function equals(order: number | null): Truth {
  return order === null ? null : order === 0;
}

function relates(operator: Comparison, order: number | null): Truth {
  if (order === null) return null;
  switch (operator) {
    case "eq":
      return order === 0;
    case "ne":
      return order !== 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
  }
}

const millisecondMicroseconds = 1_000n;

function timeTruth(value: Scalar, is: "future" | "past", context: Context): Truth {
  const moment = typeof value === "string" ? readTimestamp(value) : null;
  if (moment === null || !Number.isSafeInteger(context.now)) return null;
  const future = moment > BigInt(context.now) * millisecondMicroseconds;
  return is === "future" ? future : !future;
}

type Member = Extract<Condition, { readonly kind: "member" }>;

/**
 * `column = ANY (ARRAY (SELECT groups of the subject))`. The set never contains null, and it is empty for everybody who is
 * not signed in; so a null column is unknown where the set has an element, and false where it has none.
 */
function memberTruth(
  tables: Tables,
  condition: Member,
  person: string | null,
  value: Scalar | null,
  context: Context,
): Truth {
  if (person === null) return false;
  const table = ownField(tables, condition.table);
  const rows = ownField(context.tables ?? {}, condition.table);
  if (table === undefined || rows === undefined) return null;
  return anyOf(rows, (row) => tieTruth(table, condition, person, row, value, context));
}

/** Whether this row puts the asked value into the set. What the row does not carry is unknown; SQL's null is no tie. */
function tieTruth(
  table: TablePolicy,
  { group, subject, where, until }: Member,
  person: string,
  row: Row,
  value: Scalar | null,
  context: Context,
): Truth {
  const parts: readonly Truth[] = [
    columnTruth(table, row, subject, (cell) => isEqual("uuid", cell.value, person)),
    where === undefined ? true : columnTruth(table, row, where.column, (cell) => isOneOf(cell, where.values)),
    until === undefined ? true : columnTruth(table, row, until, (cell) => lasts(cell, context)),
    columnTruth(table, row, group, (cell) => cell.value !== null),
  ];
  const tied = allOf(parts, (part) => part);
  if (tied !== true) return tied;
  return columnTruth(table, row, group, (cell) =>
    value === null || cell.value === null ? null : equals(compareScalars(cell.type, value, cell.value)),
  );
}

function columnTruth(table: TablePolicy, row: Row, column: string, test: (cell: Cell) => Truth): Truth {
  const cell = readCell(table, row, column);
  return cell === undefined ? null : test(cell);
}

function isEqual(type: ColumnType, left: Scalar | null, right: Scalar): boolean {
  return left !== null && compareScalars(type, left, right) === 0;
}

function isOneOf({ type, value }: Cell, values: readonly Scalar[]): boolean {
  return values.some((candidate) => isEqual(type, value, candidate));
}

function lasts({ value }: Cell, context: Context): Truth {
  return value === null ? true : timeTruth(value, "future", context);
}
