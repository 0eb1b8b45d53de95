// A condition as a boolean SQL expression with the same three truths as `evaluate`.
// Fast form, measured on a million rows: what does not depend on the row is a scalar sub-select, so that PostgreSQL works it out once
// per statement (an InitPlan); a set is `= ANY (ARRAY(SELECT …))`, so that it can be an index condition. Never EXISTS, never
// IN (SELECT …): inside a policy they stay a filter on every row.
import type { Condition, Policy, TablePolicy } from "@holdfast/policy";
import { declaredColumn } from "./declared-column.ts";
import { type Gate, type Search, searchFor } from "./gate.ts";
import { type MembershipSet, membershipSet } from "./membership-set.ts";
import { quoteArray, quoteConstant, quoteIdentifier } from "./quoting.ts";

const OPERATORS = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/**
 * Who is asking. `policy`: the view, which runs within the statement's own plan; a column `s.id` that is gone never means one of the
 * table. `view`: the function, so that a view of ours reads one table and nothing else.
 */
const SUBJECT_ID = {
  policy: "(SELECT s.id FROM holdfast.subject s)",
  view: "(SELECT holdfast.subject_id())",
} as const;

/** What a condition is compiled for, and the sets it needs, which are gathered. */
interface Place {
  readonly policy: Policy;
  readonly table: TablePolicy;
  readonly subjectId: string;
  readonly sets: MembershipSet[];
}

export interface CompiledCondition {
  /** For rows that are searched for: with gates (gate.ts). In parentheses. */
  readonly using: string;
  /** For a row at hand. In parentheses. */
  readonly check: string;
  readonly sets: readonly MembershipSet[];
}

/** Compiles `condition` for rows of `table`, to stand in a policy or in a view. Throws CompileError. */
export function compileCondition(
  policy: Policy,
  table: TablePolicy,
  condition: Condition,
  within: keyof typeof SUBJECT_ID = "policy",
): CompiledCondition {
  const sets: MembershipSet[] = [];
  const place: Place = { policy, table, subjectId: SUBJECT_ID[within], sets };
  const check = inParentheses(expression(place, condition, 1));
  // The same sets once more.
  const using = inParentheses(expression({ ...place, sets: [] }, searchFor(table, condition), 1));
  return { using, check, sets };
}

/** A sub-select brings its own parentheses, which are not those that USING and WITH CHECK ask for. */
function inParentheses(sql: string): string {
  return sql.startsWith("(") && !sql.startsWith("(SELECT") ? sql : `(${sql})`;
}

function expression(place: Place, condition: Search, depth: number): string {
  const { policy, table, subjectId } = place;
  switch (condition.kind) {
    case "anyone":
      return "true";
    case "nobody":
    case "service":
      return "false";
    case "signedIn":
      return `(${subjectId} IS NOT NULL)`;
    case "role":
      return roleExpression(policy, condition.role);
    case "assurance":
      return "(SELECT coalesce(holdfast.is_aal2(), false))";
    case "owner":
      return `(${quoteIdentifier(condition.column)} = ${subjectId})`;
    case "compare": {
      const type = declaredColumn(table, condition.column).type;
      // Text has an order only together with a collation: "C" is the one evaluate knows. Equality is the same in each.
      const ordered = condition.operator !== "eq" && condition.operator !== "ne";
      const collation = ordered && type === "text" ? ' COLLATE "C"' : "";
      const column = `${quoteIdentifier(condition.column)}${collation}`;
      return `(${column} ${OPERATORS[condition.operator]} ${quoteConstant(condition.value, type)})`;
    }
    case "oneOf": {
      const type = declaredColumn(table, condition.column).type;
      return `(${quoteIdentifier(condition.column)} = ANY (${quoteArray(condition.values, type)}))`;
    }
    case "isNull":
      return `(${quoteIdentifier(condition.column)} IS NULL)`;
    case "time":
      return `(${quoteIdentifier(condition.column)} ${condition.is === "future" ? ">" : "<="} now())`;
    case "member":
      return memberExpression(place, condition);
    case "all":
    case "any": {
      const parts = condition.of.map((part) => expression(place, part, depth + 1));
      if (parts.length === 0) return condition.kind === "all" ? "true" : "false";
      const line = `\n${"  ".repeat(depth)}`;
      const word = condition.kind === "all" ? "AND" : "OR";
      return parts.length === 1
        ? (parts[0] as string)
        : `(${line}${parts.join(`${line}${word} `)}\n${"  ".repeat(depth - 1)})`;
    }
    case "not":
      return `(NOT ${expression(place, condition.of, depth)})`;
    case "gate":
      return gateExpression(policy, condition, expression(place, condition.of, depth + 1));
  }
}

/** One bound alone is a sub-select: two would ask about the subject twice. */
function gateExpression(policy: Policy, { column, type, bounds, of }: Gate, isOpen: string): string {
  const key = quoteIdentifier(column);
  const roles = rolesNeeded(policy, of);
  const when = roles === null ? isOpen : `${claimsName(roles)} AND ${isOpen}`;
  const lowest = `(SELECT CASE WHEN ${when} THEN ${quoteConstant(bounds.lowest, type)} END)`;
  return `(${key} >= ${lowest} AND ${key} <= ${quoteConstant(bounds.highest, type)})`;
}

/**
 * Do the claims name one of the roles, verified or not? A no needs no proof and closes the gate; a yes opens nothing by itself, since
 * the verified roles are asked next. Nearly everybody hears no, and verifying costs several times what this does.
 */
function claimsName(roles: readonly string[]): string {
  const claims = "nullif(current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb";
  return `${claims} #> '{app_metadata,roles}' ?| ${quoteArray(roles, "text")}`;
}

/** Roles of which a subject must hold one for `condition`, which is about the subject alone; null where it can do without. */
function rolesNeeded(policy: Policy, condition: Condition): readonly string[] | null {
  switch (condition.kind) {
    case "role":
      return policy.roles[condition.role]?.heldBy ?? [];
    case "any": {
      const parts = condition.of.map((part) => rolesNeeded(policy, part));
      return parts.includes(null) ? null : [...new Set(parts.flatMap((part) => part ?? []))].sort();
    }
    case "all":
      return condition.of.map((part) => rolesNeeded(policy, part)).find((roles) => roles !== null) ?? null;
    default:
      return null;
  }
}

function roleExpression(policy: Policy, name: string): string {
  const heldBy = policy.roles[name]?.heldBy ?? [];
  const needsFactor = (role: string): boolean => policy.roles[role]?.requires === "aal2";
  const plain = heldBy.filter((role) => !needsFactor(role));
  const strong = heldBy.filter(needsFactor);
  const holdsOneOf = (held: string, roles: readonly string[]): string =>
    `coalesce(${held} && ${quoteArray(roles, "text")}, false)`;
  const withFactor = (held: string): string => `${holdsOneOf(held, strong)} AND coalesce(holdfast.is_aal2(), false)`;
  if (plain.length === 0) return strong.length === 0 ? "false" : `(SELECT ${withFactor("holdfast.roles()")})`;
  if (strong.length === 0) return `(SELECT ${holdsOneOf("holdfast.roles()", plain)})`;
  // OFFSET 0: the roles are asked for once. Each question to the base functions verifies the claims anew.
  const held = "(SELECT holdfast.roles() AS held OFFSET 0) subject";
  return `(SELECT ${holdsOneOf("held", plain)} OR (${withFactor("held")}) FROM ${held})`;
}

function memberExpression({ policy, sets }: Place, condition: Extract<Condition, { kind: "member" }>): string {
  const set = membershipSet(policy, condition);
  sets.push(set);
  return `(${quoteIdentifier(condition.column)} = ANY (ARRAY(SELECT ${set.call})))`;
}
