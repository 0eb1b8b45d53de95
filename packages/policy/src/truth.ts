// The meaning of a condition, in three values exactly as PostgreSQL computes the compiled form: true, false, and null for unknown.
import type { Comparison, Condition, Scalar } from "./condition.ts";
import type { Context, Row, Subject, Truth } from "./decision.ts";
import type { Policy, TablePolicy } from "./policy.ts";
import { canonicalUuid, compareScalars, readTimestamp } from "./scalar.ts";

/** A row of a table of the policy. Columns that the row does not carry are unknown, even to `isNull`. */
export interface RowOf {
  /** Key of `policy.tables`. */
  readonly table: string;
  readonly row: Row | undefined;
}

export function truth(
  policy: Policy,
  condition: Condition,
  subject: Subject,
  resource: RowOf | null,
  context: Context,
): Truth {
  switch (condition.kind) {
    case "anyone":
      return true;
    case "nobody":
      return false;
    case "signedIn":
      return subject.kind === "person" && subject.id !== null;
    case "role":
      return holdsRole(policy, subject, condition.role);
    case "assurance":
      return subject.kind === "person" && subject.assurance === "aal2";
    case "service":
      return subject.kind === "service" && resource === null;
    case "owner":
    case "compare":
    case "oneOf":
    case "isNull":
    case "time":
    case "member":
      return resource === null ? null : rowTruth(policy, condition, subject, resource, context);
    case "all":
      return allOf(condition.of.map((part) => truth(policy, part, subject, resource, context)));
    case "any":
      return anyOf(condition.of.map((part) => truth(policy, part, subject, resource, context)));
    case "not":
      return negate(truth(policy, condition.of, subject, resource, context));
    default:
      return unknownKind(condition);
  }
}

/** A condition that this version does not know allows nothing. */
function unknownKind(_condition: never): null {
  return null;
}

// Kleene's logic, which is SQL's (ISO 9075-2 §6.39). --------------------------------------------------------------------

/** False as soon as one part is false, otherwise unknown as soon as one is unknown. */
export function allOf(parts: readonly Truth[]): Truth {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

export function anyOf(parts: readonly Truth[]): Truth {
  if (parts.includes(true)) return true;
  return parts.includes(null) ? null : false;
}

export function negate(value: Truth): Truth {
  return value === null ? null : !value;
}

// The subject. ----------------------------------------------------------------------------------------------------------

/**
 * A granted role counts where the session is as strong as that role asks. `defineSecurity` sees to it that a role is
 * never weaker than one it includes, so looking at the granted role is enough.
 */
export function holdsRole(policy: Policy, subject: Subject, role: string): boolean {
  if (subject.kind !== "person" || subject.id === null || !Object.hasOwn(policy.roles, role)) return false;
  return policy.roles[role]!.heldBy.some(
    (held) => subject.roles.includes(held) && (policy.roles[held]!.requires === "aal1" || subject.assurance === "aal2"),
  );
}

// The row. --------------------------------------------------------------------------------------------------------------

type RowCondition = Extract<Condition, { readonly column: string }>;

function rowTruth(policy: Policy, condition: RowCondition, subject: Subject, resource: RowOf, context: Context): Truth {
  const table = Object.hasOwn(policy.tables, resource.table) ? policy.tables[resource.table] : undefined;
  const value = table === undefined ? undefined : cell(table, resource.row, condition.column);
  if (table === undefined || value === undefined) return null;
  if (condition.kind === "isNull") return value === null;
  if (condition.kind === "member") return memberTruth(policy, condition, subject, value, context);
  if (value === null) return null;
  const type = table.columns[condition.column]!.type;
  switch (condition.kind) {
    case "owner":
      return subject.id === null ? null : equals(compareScalars("uuid", value, subject.id));
    case "compare":
      return relates(condition.operator, compareScalars(type, value, condition.value));
    case "oneOf":
      return anyOf(condition.values.map((candidate) => equals(compareScalars(type, value, candidate))));
    case "time":
      return timeTruth(value, condition.is, context);
  }
}

/** The value of a declared column: null in SQL's sense, undefined where the row does not say. */
function cell(table: TablePolicy, row: Row | undefined, column: string): Scalar | null | undefined {
  if (row === undefined || !Object.hasOwn(table.columns, column) || !Object.hasOwn(row, column)) return undefined;
  return row[column];
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
  policy: Policy,
  condition: Member,
  subject: Subject,
  value: Scalar | null,
  context: Context,
): Truth {
  if (subject.id === null) return false;
  const table = Object.hasOwn(policy.tables, condition.table) ? policy.tables[condition.table] : undefined;
  const rows =
    context.tables !== undefined && Object.hasOwn(context.tables, condition.table)
      ? context.tables[condition.table]
      : undefined;
  if (table === undefined || rows === undefined) return null;
  const type = table.columns[condition.group]?.type ?? "jsonb";
  return anyOf(
    rows.map((row) => tieTruth(table, condition, subject.id!, row, context, (group) => groupTruth(type, value, group))),
  );
}

/** Whether this row ties the subject to the asked group. Only what the row does not carry is unknown; SQL's null is no tie. */
function tieTruth(
  table: TablePolicy,
  condition: Member,
  subjectId: string,
  row: Row,
  context: Context,
  matches: (group: Scalar) => Truth,
): Truth {
  const { where, until } = condition;
  const named = heldCell(table, row, condition.subject, (value) => canonicalUuid(value) === canonicalUuid(subjectId));
  const suits =
    where === undefined
      ? true
      : heldCell(table, row, where.column, (value) => isOneOf(table, where.column, value, where.values));
  const lasts = until === undefined ? true : lastsTruth(cell(table, row, until), context);
  const group = heldCell(table, row, condition.group, () => true);
  const tied = allOf([named, suits, lasts, group]);
  if (tied !== true) return tied;
  return matches(row[condition.group]!);
}

function heldCell(table: TablePolicy, row: Row, column: string, test: (value: Scalar) => boolean): Truth {
  const value = cell(table, row, column);
  return value === undefined ? null : value !== null && test(value);
}

function isOneOf(table: TablePolicy, column: string, value: Scalar, values: readonly Scalar[]): boolean {
  const type = table.columns[column]!.type;
  return values.some((candidate) => compareScalars(type, value, candidate) === 0);
}

function lastsTruth(value: Scalar | null | undefined, context: Context): Truth {
  if (value === undefined) return null;
  return value === null ? true : timeTruth(value, "future", context);
}

function groupTruth(type: TablePolicy["columns"][string]["type"], value: Scalar | null, group: Scalar): Truth {
  return value === null ? null : equals(compareScalars(type, value, group));
}
