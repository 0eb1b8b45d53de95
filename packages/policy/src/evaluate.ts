// May this subject do this, now? Only what is true is allowed; unknown and unnamed are refused.
import type { Condition } from "./condition.ts";
import type { Action, Context, Decision, Resource, Subject } from "./decision.ts";
import { allOf } from "./kleene.ts";
import { ownField } from "./own-field.ts";
import type { Policy, TablePolicy } from "./policy.ts";
import { type RowOf, truth } from "./truth.ts";

const allowed: Decision = { allowed: true };

/**
 * The decision for one action. A table action is a statement of the usual form: `SELECT … WHERE id = $1`, `INSERT …`
 * (with `returning`, `INSERT … RETURNING *`), `UPDATE … WHERE id = $1` and `DELETE … WHERE id = $1`.
 */
export function evaluate(
  policy: Policy,
  subject: Subject,
  action: Action,
  resource: Resource,
  context: Context,
): Decision {
  const asked = askedConditions(policy, action, resource);
  if (asked === null) return { allowed: false, reason: "not-named" };
  const decide = (who: Subject): boolean =>
    allOf(asked, ({ condition, on }) => truth(policy, condition, who, on, context)) === true;
  if (decide(subject)) return allowed;
  if (subject.kind === "anonymous") {
    const wantsSubject = asked.some(({ condition }) => asksForSubject(condition));
    return { allowed: false, reason: wantsSubject ? "not-signed-in" : "not-allowed" };
  }
  const wouldBeEnough =
    subject.kind === "person" && subject.assurance === "aal1" && decide({ ...subject, assurance: "aal2" });
  return { allowed: false, reason: wouldBeEnough ? "second-factor-required" : "not-allowed" };
}

/** A condition that has to be true, and the row it is asked about (null for routes and pages). */
interface Asked {
  readonly condition: Condition;
  readonly on: RowOf | null;
}

/** Everything that has to be true for the action, or null where the policy does not name it. */
function askedConditions(policy: Policy, action: Action, resource: Resource): readonly Asked[] | null {
  switch (action.kind) {
    case "route": {
      const route = ownField(ownField(policy.services, action.service)?.routes ?? {}, action.route);
      return route === undefined ? null : [{ condition: route.allow, on: null }];
    }
    case "page": {
      const condition = ownField(ownField(policy.sites, action.site)?.pages ?? {}, action.page);
      return condition === undefined ? null : [{ condition, on: null }];
    }
    case "table": {
      const table = ownField(policy.tables, action.table);
      return table === undefined ? null : askedOfTable(table, action, resource);
    }
    default:
      return null;
  }
}

type TableQuestion = Extract<Action, { readonly kind: "table" }>;

function askedOfTable(table: TablePolicy, action: TableQuestion, resource: Resource): readonly Asked[] | null {
  const before = (condition: Condition): Asked => ({ condition, on: { table: action.table, row: resource.row } });
  const after = (condition: Condition): Asked => ({ condition, on: { table: action.table, row: resource.newRow } });
  const floor = (ask: (condition: Condition) => Asked): readonly Asked[] =>
    table.within === undefined ? [] : [ask(table.within)];
  switch (action.operation) {
    case "select":
      return [...floor(before), before(table.select)];
    case "insert":
      // RETURNING reads the new row back, and PostgreSQL then adds the select policies as WITH CHECK.
      return [...floor(after), after(table.insert), ...(action.returning === true ? [after(table.select)] : [])];
    case "update":
      // `UPDATE t SET … WHERE id = $1` reads the table, so PostgreSQL adds the select policies to both sides: as USING on the
      // row it looks for, and as WITH CHECK on the row it would store (get_row_security_policies in rowsecurity.c).
      return [
        ...floor(before),
        before(table.select),
        before(table.update),
        ...floor(after),
        after(table.update),
        after(table.select),
      ];
    case "delete":
      return [...floor(before), before(table.select), before(table.delete)];
    default:
      return null;
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
