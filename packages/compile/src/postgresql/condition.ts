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

export interface CompiledCondition {
  /** For rows that are searched for: with gates (gate.ts). In parentheses. */
  readonly using: string;
  /** For a row at hand. In parentheses. */
  readonly check: string;
  readonly sets: readonly MembershipSet[];
}

/** Compiles `condition` for rows of `table`. Throws CompileError. */
export function compileCondition(policy: Policy, table: TablePolicy, condition: Condition): CompiledCondition {
  const sets: MembershipSet[] = [];
  const check = inParentheses(expression(policy, table, condition, sets, 1));
  // The same sets once more.
  const using = inParentheses(expression(policy, table, searchFor(table, condition), [], 1));
  return { using, check, sets };
}

/** A sub-select brings its own parentheses, which are not those that USING and WITH CHECK ask for. */
function inParentheses(sql: string): string {
  return sql.startsWith("(") && !sql.startsWith("(SELECT") ? sql : `(${sql})`;
}

function expression(
  policy: Policy,
  table: TablePolicy,
  condition: Search,
  sets: MembershipSet[],
  depth: number,
): string {
  switch (condition.kind) {
    case "anyone":
      return "true";
    case "nobody":
    case "service":
      return "false";
    case "signedIn":
      return "((SELECT holdfast.subject_id()) IS NOT NULL)";
    case "role":
      return roleExpression(policy, condition.role);
    case "assurance":
      return "(SELECT coalesce(holdfast.is_aal2(), false))";
    case "owner":
      return `(${quoteIdentifier(condition.column)} = (SELECT holdfast.subject_id()))`;
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
      return memberExpression(policy, condition, sets);
    case "all":
    case "any": {
      const parts = condition.of.map((part) => expression(policy, table, part, sets, depth + 1));
      if (parts.length === 0) return condition.kind === "all" ? "true" : "false";
      const line = `\n${"  ".repeat(depth)}`;
      const word = condition.kind === "all" ? "AND" : "OR";
      return parts.length === 1
        ? (parts[0] as string)
        : `(${line}${parts.join(`${line}${word} `)}\n${"  ".repeat(depth - 1)})`;
    }
    case "not":
      return `(NOT ${expression(policy, table, condition.of, sets, depth)})`;
    case "gate":
      return gateExpression(policy, condition, expression(policy, table, condition.of, sets, depth + 1));
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

function memberExpression(
  policy: Policy,
  condition: Extract<Condition, { kind: "member" }>,
  sets: MembershipSet[],
): string {
  const set = membershipSet(policy, condition);
  sets.push(set);
  return `(${quoteIdentifier(condition.column)} = ANY (ARRAY(SELECT ${set.call})))`;
}
