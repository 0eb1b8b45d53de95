// A condition about the subject alone beside row conditions in one `any`: `any(owner("owner_id"), role("editor"))`. PostgreSQL cannot
// know before it runs whether the role is there, and one arm without an index makes it read every row. So the arm becomes a gate: a
// range of the primary key, all of it for whoever meets the condition and null for everybody else. Then each arm has an index, and
// that of a closed gate ends before it reads anything. Null in place of false is the same only where nothing negates it: never under `not`.
import type { ColumnType, Condition, Scalar, TablePolicy } from "@holdfast/policy";
import { canFail, canHold } from "./reach.ts";

export interface Gate {
  readonly kind: "gate";
  readonly column: string;
  readonly type: ColumnType;
  readonly bounds: Bounds;
  /** About the subject alone. */
  readonly of: Condition;
}

/** A condition as PostgreSQL searches for its rows. */
export type Search = Condition | Gate | { readonly kind: "all" | "any"; readonly of: readonly Search[] };

interface Bounds {
  readonly lowest: Scalar;
  readonly highest: Scalar;
}

/** Types with a lowest and a highest value. Between the first, unknown to the planner, and the second it expects one row in 200. */
const BOUNDS: Partial<Readonly<Record<ColumnType, Bounds>>> = {
  uuid: { lowest: "00000000-0000-0000-0000-000000000000", highest: "ffffffff-ffff-ffff-ffff-ffffffffffff" },
  integer: { lowest: "-2147483648", highest: "2147483647" },
  bigint: { lowest: "-9223372036854775808", highest: "9223372036854775807" },
};

/** `condition` with gates where they help, which is where each other arm has an index. Same meaning for whoever only asks what is true. */
export function searchFor(table: TablePolicy, condition: Condition): Search {
  const key = table.columns[table.primaryKey];
  const bounds = key === undefined || key.nullable ? undefined : BOUNDS[key.type];
  if (key === undefined || bounds === undefined) return condition;
  return gated(condition, (of) => ({ kind: "gate", column: table.primaryKey, type: key.type, bounds, of }));
}

/** Would a gate help, and is there none because the primary key has no bounds? */
export function lacksBounds(table: TablePolicy, condition: Condition): boolean {
  let wanted = 0;
  gated(condition, (of) => {
    wanted += 1;
    return of;
  });
  const key = table.columns[table.primaryKey];
  return wanted > 0 && (key === undefined || key.nullable || BOUNDS[key.type] === undefined);
}

type MakeGate = (of: Condition) => Search;

function gated(condition: Condition, gate: MakeGate): Search {
  if (condition.kind === "all") return { kind: "all", of: condition.of.map((part) => gated(part, gate)) };
  if (condition.kind !== "any" || isSubjectOnly(condition) || !isSearchable(condition)) return condition;
  const rows = condition.of.filter((part) => !isGateable(part)).map((part) => gatedArm(part, gate));
  const subject = condition.of.filter(isGateable);
  if (subject.length === 0) return { kind: "any", of: rows };
  return { kind: "any", of: [...rows, gate(joined("any", subject))] };
}

/** An arm that asks for something of the subject and of the row: the gate is its index, unless the row's owner or group is a better one. */
function gatedArm(arm: Condition, gate: MakeGate): Search {
  if (arm.kind !== "all") return gated(arm, gate);
  const subject = arm.of.filter(isGateable);
  if (subject.length === 0 || arm.of.some(isTiedToSubject)) return gated(arm, gate);
  const rows = arm.of.filter((part) => !isGateable(part)).map((part) => gatedArm(part, gate));
  return { kind: "all", of: [gate(joined("all", subject)), ...rows] };
}

function joined(kind: "all" | "any", parts: readonly Condition[]): Condition {
  return parts.length === 1 ? (parts[0] as Condition) : { kind, of: parts };
}

/** Can PostgreSQL find the rows by indexes, once what is about the subject alone has its gate? */
function isSearchable(condition: Condition): boolean {
  switch (condition.kind) {
    case "owner":
    case "member":
    case "oneOf":
      return true;
    case "compare":
      return condition.operator === "eq";
    case "all":
      return isGateable(condition) || condition.of.some(isSearchable);
    case "any":
      return isGateable(condition) || condition.of.every(isSearchable);
    default:
      // `nobody` and `service` open no row: PostgreSQL leaves them out.
      return isGateable(condition) || !canHold(condition, "person");
  }
}

/** Few rows for each subject, and with an index that finds them. */
function isTiedToSubject(condition: Condition): boolean {
  switch (condition.kind) {
    case "owner":
    case "member":
      return true;
    case "all":
      return condition.of.some(isTiedToSubject);
    case "any":
      return condition.of.every(isTiedToSubject);
    default:
      return false;
  }
}

/** About the subject alone, true for some and not for every person: with the others the database would do without it. */
function isGateable(condition: Condition): boolean {
  if (!isSubjectOnly(condition) || !canFail(condition, "person")) return false;
  return canHold(condition, "person") || canHold(condition, "anonymous");
}

function isSubjectOnly(condition: Condition): boolean {
  switch (condition.kind) {
    case "anyone":
    case "nobody":
    case "service":
    case "signedIn":
    case "role":
    case "assurance":
      return true;
    case "all":
    case "any":
      return condition.of.every(isSubjectOnly);
    case "not":
      return isSubjectOnly(condition.of);
    default:
      return false;
  }
}
