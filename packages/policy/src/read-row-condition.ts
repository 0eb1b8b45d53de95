// Reads conditions about a row: the column must be declared and of a type that suits, and constants must fit it.
import type { Comparison, Condition, Scalar } from "./condition.ts";
import type { Columns, Scope } from "./condition-scope.ts";
import { ownField } from "./own-field.ts";
import type { ColumnType } from "./policy.ts";
import {
  addIssue,
  addUndeclared,
  below,
  describe,
  type Fields,
  Found,
  type Report,
  readList,
  readObject,
} from "./report.ts";
import { comparableTypes, fitsType, orderedTypes } from "./scalar.ts";

const valuesMax = 100;

const nothing: Condition = { kind: "nobody" };

/** Kinds of conditions that need a row. */
export type RowKind = "owner" | "compare" | "oneOf" | "isNull" | "time" | "member";

/** A condition about the row, with its columns and constants checked against their types. */
export function readRowCondition(report: Report, scope: Scope, path: string, kind: RowKind, fields: Fields): Condition {
  if (scope.columns === null) {
    addIssue(
      report,
      "condition/row-outside-table",
      path,
      "a condition about the subject",
      new Found(`${kind} of ${describe(fields.column)}`),
    );
    return nothing;
  }
  const type = readColumn(report, below(path, "column"), fields.column, scope.columns, typesFor(kind));
  if (type === undefined) return nothing;
  const column = fields.column as string;
  switch (kind) {
    case "owner":
    case "isNull":
      return { kind, column };
    case "compare":
      return readCompare(report, path, fields, column, type);
    case "oneOf":
      return { kind, column, values: readValues(report, below(path, "values"), fields.values, type) };
    case "time":
      return { kind, column, is: readTime(report, path, fields.is) };
    case "member":
      return readMember(report, scope, path, fields, column, type);
  }
}

function typesFor(kind: RowKind): readonly ColumnType[] | "any" {
  if (kind === "isNull") return "any";
  if (kind === "owner") return ["uuid"];
  if (kind === "time") return ["timestamptz"];
  return kind === "member" ? memberTypes : comparableTypes;
}

const memberTypes: readonly ColumnType[] = ["uuid", "text", "integer", "bigint"];

/** The type of a declared column that suits, or undefined with an issue. */
function readColumn(
  report: Report,
  path: string,
  name: unknown,
  columns: Columns,
  suits: readonly ColumnType[] | "any",
): ColumnType | undefined {
  const column = typeof name === "string" ? ownField(columns, name) : undefined;
  if (column === undefined) {
    addUndeclared(report, "column/undeclared", path, name, Object.keys(columns));
    return undefined;
  }
  const { type, sealed } = column;
  if (sealed !== undefined) {
    // The database holds bytes that are never equal, and whoever decides by them would have to open them.
    addIssue(report, "sealed/in-condition", path, "a column that is not sealed", name);
    return undefined;
  }
  if (suits === "any" || suits.includes(type)) return type;
  addIssue(
    report,
    "condition/column-type",
    path,
    `a column of type ${suits.join(", ")}`,
    new Found(`"${name}" of type ${type}`),
  );
  return undefined;
}

function readTime(report: Report, path: string, is: unknown): "future" | "past" {
  if (is !== "future" && is !== "past")
    addIssue(report, "input/wrong-type", below(path, "is"), '"future" or "past"', is);
  return is === "past" ? "past" : "future";
}

const operators: readonly Comparison[] = ["eq", "ne", "lt", "le", "gt", "ge"];

function readCompare(report: Report, path: string, fields: Fields, column: string, type: ColumnType): Condition {
  const operator = operators.find((candidate) => candidate === fields.operator);
  if (operator === undefined) {
    addIssue(report, "input/wrong-type", below(path, "operator"), `one of ${operators.join(", ")}`, fields.operator);
    return nothing;
  }
  if (operator !== "eq" && operator !== "ne" && !orderedTypes.includes(type)) {
    addIssue(
      report,
      "condition/operator-misfit",
      below(path, "operator"),
      `eq or ne for a column of type ${type}`,
      operator,
    );
  }
  return { kind: "compare", column, operator, value: readValue(report, below(path, "value"), fields.value, type) };
}

function readValue(report: Report, path: string, value: unknown, type: ColumnType): Scalar {
  if (fitsType(type, value)) return value;
  const hint = value === null ? "Use isNull() or not(….isNull()): a comparison with null is never true." : undefined;
  addIssue(report, "condition/value-misfit", path, `a constant of type ${type}`, value, hint);
  return "";
}

function readValues(report: Report, path: string, values: unknown, type: ColumnType): readonly Scalar[] {
  if (values === undefined || (Array.isArray(values) && values.length === 0)) {
    addIssue(report, "condition/empty", path, "at least one value", values);
    return [];
  }
  return readList(report, path, values, valuesMax).map((value, index) =>
    readValue(report, below(path, index), value, type),
  );
}

function readMember(
  report: Report,
  scope: Scope,
  path: string,
  fields: Fields,
  column: string,
  type: ColumnType,
): Condition {
  const table = fields.table;
  const columns = typeof table === "string" ? ownField(scope.tables, table) : undefined;
  if (typeof table !== "string" || columns === undefined) {
    addUndeclared(report, "table/undeclared", below(path, "table"), table, Object.keys(scope.tables));
    return nothing;
  }
  // PostgreSQL compares the two without a cast, so that an index on `column` can be used: their types are the same.
  const group = readColumn(report, below(path, "group"), fields.group, columns, [type]);
  const subject = readColumn(report, below(path, "subject"), fields.subject, columns, ["uuid"]);
  const until =
    fields.until === undefined
      ? undefined
      : readColumn(report, below(path, "until"), fields.until, columns, ["timestamptz"]);
  const where = fields.where === undefined ? undefined : readWhere(report, below(path, "where"), fields.where, columns);
  if (group === undefined || subject === undefined) return nothing;
  return {
    kind: "member",
    column,
    table,
    group: fields.group as string,
    subject: fields.subject as string,
    ...(where === undefined ? {} : { where }),
    ...(until === undefined ? {} : { until: fields.until as string }),
  };
}

function readWhere(
  report: Report,
  path: string,
  value: unknown,
  columns: Columns,
): { column: string; values: readonly Scalar[] } | undefined {
  const fields = readObject(report, path, value, ["column", "values"]);
  if (fields === undefined) return undefined;
  const type = readColumn(report, below(path, "column"), fields.column, columns, comparableTypes);
  if (type === undefined) return undefined;
  return { column: fields.column as string, values: readValues(report, below(path, "values"), fields.values, type) };
}
