// The meaning of a condition, in three values exactly as PostgreSQL computes the compiled form: true, false, and null for unknown.
import type { Condition } from "./condition.ts";
import type { Context, Row, Subject, Truth } from "./decision.ts";
import { allOf, anyOf, negate } from "./kleene.ts";
import { ownField } from "./own-field.ts";
import type { Policy } from "./policy.ts";
import { rowTruth } from "./row-truth.ts";

/** A row of a table of the policy. Columns that the row does not carry are unknown, even to `isNull`. */
export interface RowOf {
  /** Key of `policy.tables`. */
  readonly table: string;
  readonly row: Row | undefined;
}

/** The parts of a policy that give a condition its meaning. */
export type Meaning = Pick<Policy, "roles" | "tables">;

/**
 * Whether a condition holds for a subject and, in a table, a row. Give null as the resource for routes and pages: every
 * condition about a row is then unknown.
 */
export function truth(
  policy: Meaning,
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
      return personId(subject) !== null;
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
      return resource === null ? null : rowTruth(policy.tables, resource, condition, personId(subject), context);
    case "all":
      return allOf(condition.of, (part) => truth(policy, part, subject, resource, context));
    case "any":
      return anyOf(condition.of, (part) => truth(policy, part, subject, resource, context));
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

/** The id of a person; nobody else owns rows or belongs to groups. */
function personId(subject: Subject): string | null {
  return subject.kind === "person" ? subject.id : null;
}

/**
 * A granted role counts where the session is as strong as that role asks. `defineSecurity` sees to it that a role is
 * never weaker than one it includes, so looking at the granted role is enough.
 */
export function holdsRole(policy: Pick<Policy, "roles">, subject: Subject, role: string): boolean {
  if (personId(subject) === null) return false;
  const heldBy = ownField(policy.roles, role)?.heldBy ?? [];
  return heldBy.some((held) => {
    const requires = ownField(policy.roles, held)?.requires ?? "aal2";
    return subject.roles.includes(held) && (requires === "aal1" || subject.assurance === "aal2");
  });
}
