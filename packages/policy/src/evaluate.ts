// May this subject do this, now? Only what is true is allowed; unknown and unnamed are refused.
import type { Condition } from "./condition.ts";
import type { Action, Context, Decision, Resource, Subject, Truth } from "./decision.ts";
import type { Policy, TablePolicy } from "./policy.ts";
import { allOf, truth } from "./truth.ts";

const allowed: Decision = { allowed: true };

export function evaluate(
  policy: Policy,
  subject: Subject,
  action: Action,
  resource: Resource,
  context: Context,
): Decision {
  const conditions = conditionsOf(policy, action);
  if (conditions === null) return { allowed: false, reason: "not-named" };
  const decide = (who: Subject): Truth => truthOfAction(policy, who, action, resource, context, conditions);
  if (decide(subject) === true) return allowed;
  if (subject.kind === "anonymous" && conditions.some(asksForSubject))
    return { allowed: false, reason: "not-signed-in" };
  if (subject.kind === "person" && subject.assurance === "aal1" && decide({ ...subject, assurance: "aal2" }) === true) {
    return { allowed: false, reason: "second-factor-required" };
  }
  return { allowed: false, reason: "not-allowed" };
}

/** The conditions that the action depends on, or null where the policy does not name it. */
function conditionsOf(policy: Policy, action: Action): readonly Condition[] | null {
  switch (action.kind) {
    case "route": {
      const service = own(policy.services, action.service);
      const route = service === undefined ? undefined : own(service.routes, action.route);
      return route === undefined ? null : [route.allow];
    }
    case "page": {
      const site = own(policy.sites, action.site);
      const page = site === undefined ? undefined : own(site.pages, action.page);
      return page === undefined ? null : [page];
    }
    case "table": {
      const table = own(policy.tables, action.table);
      const condition = table === undefined ? undefined : tableCondition(table, action.operation);
      return table === undefined || condition === undefined ? null : [condition, table.select];
    }
    default:
      return null;
  }
}

function tableCondition(table: TablePolicy, operation: string): Condition | undefined {
  switch (operation) {
    case "select":
      return table.select;
    case "insert":
      return table.insert;
    case "update":
      return table.update;
    case "delete":
      return table.delete;
    default:
      return undefined;
  }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function truthOfAction(
  policy: Policy,
  subject: Subject,
  action: Action,
  resource: Resource,
  context: Context,
  conditions: readonly Condition[],
): Truth {
  if (action.kind !== "table") return truth(policy, conditions[0]!, subject, null, context);
  const table = policy.tables[action.table]!;
  const before = (condition: Condition) =>
    truth(policy, condition, subject, { table: action.table, row: resource.row }, context);
  const after = (condition: Condition) =>
    truth(policy, condition, subject, { table: action.table, row: resource.newRow }, context);
  switch (action.operation) {
    case "select":
      return before(table.select);
    case "insert":
      return allOf([after(table.insert), action.returning === true ? after(table.select) : true]);
    case "update":
      // `UPDATE t SET … WHERE id = $1` reads the table, so PostgreSQL adds the select policies to both sides: as USING on the
      // row it looks for, and as WITH CHECK on the row it would store (get_row_security_policies in rowsecurity.c).
      return allOf([before(table.select), before(table.update), after(table.update), after(table.select)]);
    case "delete":
      return allOf([before(table.select), before(table.delete)]);
  }
}

/** Whether the condition could come out differently for somebody else than an anonymous visitor. */
function asksForSubject(condition: Condition): boolean {
  switch (condition.kind) {
    case "signedIn":
    case "role":
    case "assurance":
    case "service":
    case "owner":
    case "member":
      return true;
    case "all":
    case "any":
      return condition.of.some(asksForSubject);
    case "not":
      return asksForSubject(condition.of);
    case "anyone":
    case "nobody":
    case "compare":
    case "oneOf":
    case "isNull":
    case "time":
      return false;
  }
}
