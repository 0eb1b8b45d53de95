// Reads one condition of the input into the normal form, with every mistake at its place.
import type { Comparison, Condition, ConditionKind, Scalar } from "./condition.ts";
import type { ColumnPolicy, ColumnType } from "./policy.ts";
import {
  addIssue,
  below,
  describe,
  type Fields,
  Found,
  nearestHint,
  type Report,
  readList,
  readObject,
  readRecord,
} from "./report.ts";
import { comparableTypes, fitsType, orderedTypes } from "./scalar.ts";

/** What a condition may speak of at its place. */
export interface Scope {
  readonly roles: readonly string[];
  /** Columns of every declared table, for `member`. */
  readonly tables: Readonly<Record<string, Columns>>;
  /** Columns of the row, or null where there is no row (routes and pages). */
  readonly columns: Columns | null;
}

export type Columns = Readonly<Record<string, ColumnPolicy>>;

const depthMax = 16;
const partsMax = 256;
const valuesMax = 100;

const nothing: Condition = { kind: "nobody" };

/** The keys of each kind, `kind` apart. */
const keysOf: Readonly<Record<ConditionKind, readonly string[]>> = {
  anyone: [],
  nobody: [],
  signedIn: [],
  role: ["role"],
  assurance: ["level"],
  service: [],
  owner: ["column"],
  compare: ["column", "operator", "value"],
  oneOf: ["column", "values"],
  isNull: ["column"],
  time: ["column", "is"],
  member: ["column", "table", "group", "subject", "where", "until"],
  all: ["of"],
  any: ["of"],
  not: ["of"],
};

interface Reading {
  readonly report: Report;
  readonly scope: Scope;
  parts: number;
}

/** The condition in normal form; a stand-in that allows nobody where it was wrong. */
export function readCondition(report: Report, path: string, value: unknown, scope: Scope): Condition {
  const reading: Reading = { report, scope, parts: 0 };
  const condition = read(reading, path, value, 1);
  if (reading.parts > partsMax) {
    addIssue(report, "condition/too-large", path, `at most ${partsMax} parts`, new Found(`more than ${partsMax}`));
  }
  return condition;
}

function read(reading: Reading, path: string, value: unknown, depth: number): Condition {
  const { report } = reading;
  reading.parts += 1;
  if (reading.parts > partsMax) return nothing;
  if (depth > depthMax) {
    addIssue(report, "condition/too-deep", path, `at most ${depthMax} levels`, new Found("one more"));
    return nothing;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    addIssue(
      report,
      "condition/invalid",
      path,
      "a condition",
      value,
      typeof value === "function" ? "Call it: anyone(), not anyone." : undefined,
    );
    return nothing;
  }
  const fields = readRecord(report, path, value) ?? {};
  const kind = fields.kind;
  if (typeof kind !== "string" || !Object.hasOwn(keysOf, kind)) {
    if (kind === undefined) addIssue(report, "condition/invalid", path, "a condition", value);
    else
      addIssue(report, "condition/unknown-kind", below(path, "kind"), `one of ${Object.keys(keysOf).join(", ")}`, kind);
    return nothing;
  }
  const known = kind as ConditionKind;
  readObject(report, path, value, ["kind", ...keysOf[known]]);
  return readKind(reading, path, known, fields, depth);
}

function readKind(reading: Reading, path: string, kind: ConditionKind, fields: Fields, depth: number): Condition {
  switch (kind) {
    case "anyone":
    case "nobody":
    case "signedIn":
      return { kind };
    case "role":
      return readRole(reading, path, fields);
    case "assurance":
      return readAssurance(reading, path, fields);
    case "service":
      if (reading.scope.columns === null) return { kind };
      addIssue(
        reading.report,
        "condition/service-in-table",
        path,
        "a condition about a person or the row",
        new Found("service()"),
      );
      return nothing;
    case "owner":
    case "compare":
    case "oneOf":
    case "isNull":
    case "time":
    case "member":
      return readRowCondition(reading, path, kind, fields);
    case "all":
    case "any":
      return { kind, of: readParts(reading, path, fields, depth) };
    case "not":
      return { kind, of: read(reading, below(path, "of"), fields.of, depth + 1) };
  }
}

function readRole({ report, scope }: Reading, path: string, fields: Fields): Condition {
  if (typeof fields.role === "string" && scope.roles.includes(fields.role)) return { kind: "role", role: fields.role };
  addUndeclared(report, "role/undeclared", below(path, "role"), fields.role, scope.roles);
  return nothing;
}

function readAssurance({ report }: Reading, path: string, fields: Fields): Condition {
  if (fields.level !== "aal2") addIssue(report, "input/wrong-type", below(path, "level"), '"aal2"', fields.level);
  return { kind: "assurance", level: "aal2" };
}

function readParts(reading: Reading, path: string, fields: Fields, depth: number): readonly Condition[] {
  const place = below(path, "of");
  if (fields.of === undefined || (Array.isArray(fields.of) && fields.of.length === 0)) {
    addIssue(reading.report, "condition/empty", place, "at least one condition", fields.of);
    return [nothing];
  }
  return readList(reading.report, place, fields.of, partsMax).map((part, index) =>
    read(reading, below(place, index), part, depth + 1),
  );
}

type RowKind = "owner" | "compare" | "oneOf" | "isNull" | "time" | "member";

function readRowCondition(reading: Reading, path: string, kind: RowKind, fields: Fields): Condition {
  const { report, scope } = reading;
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
      return readMember(reading, path, fields, column, type);
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
  if (typeof name !== "string" || !Object.hasOwn(columns, name)) {
    addUndeclared(report, "column/undeclared", path, name, Object.keys(columns));
    return undefined;
  }
  const { type } = columns[name]!;
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
    addIssue(report, "condition/operator-misfit", path, `eq or ne for a column of type ${type}`, operator);
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
  { report, scope }: Reading,
  path: string,
  fields: Fields,
  column: string,
  type: ColumnType,
): Condition {
  const table = fields.table;
  if (typeof table !== "string" || !Object.hasOwn(scope.tables, table)) {
    addUndeclared(report, "table/undeclared", below(path, "table"), table, Object.keys(scope.tables));
    return nothing;
  }
  const columns = scope.tables[table]!;
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

/** A name that is not among the declared ones, with the nearest of them as hint. */
export function addUndeclared(
  report: Report,
  code: "role/undeclared" | "column/undeclared" | "table/undeclared" | "service/undeclared",
  path: string,
  found: unknown,
  declared: readonly string[],
): void {
  const hint = typeof found === "string" ? nearestHint(found, declared) : undefined;
  addIssue(
    report,
    code,
    path,
    declared.length === 0 ? "a declared name (there are none)" : `one of ${declared.join(", ")}`,
    found,
    hint,
  );
}
