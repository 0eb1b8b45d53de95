// What a guard decides, as a pure function of what is known. A guard only hides: the same policy is enforced again by the
// gateway and by the database.
import {
  type Action,
  type Condition,
  type Context,
  type Decision,
  evaluate,
  type Policy,
  type Resource,
  type Subject,
  truth,
} from "@holdfast/policy";
import { type AuthState, stateWithout } from "./auth-state.ts";

/** What must hold: an action that the policy decides, or a condition about the subject alone; for rows, name the table action. */
export type Requirement = Action | Condition;

/** What is known of the thing in question: the row, and rows of tables that membership conditions read. */
export type Known = Resource & Pick<Context, "tables">;

/**
 * `loading`: not known yet, show nothing. `sign-in`: nobody is signed in. `second-factor`: would be allowed after a second
 * factor. `refused`: signed in and not allowed. `unreachable`: identity gave no answer.
 */
export type GuardOutcome = "allowed" | "loading" | "sign-in" | "second-factor" | "refused" | "unreachable";

/** Whether to show what requires `requirement`. Fails closed: only a known state and a true condition are "allowed". */
export function guardOutcome(
  policy: Policy,
  state: AuthState,
  requirement: Requirement,
  known: Known,
  now: number,
): GuardOutcome {
  if (state.status === "loading") return "loading";
  const isPublic = decide(policy, stateWithout("signed-out").subject, requirement, known, now).allowed;
  if (isPublic) return "allowed";
  if (state.status === "unreachable") return "unreachable";
  const decision = decide(policy, state.subject, requirement, known, now);
  if (decision.allowed) return state.secondFactorPending ? "second-factor" : "allowed";
  switch (decision.reason) {
    case "not-signed-in":
      return "sign-in";
    case "second-factor-required":
      return "second-factor";
    case "not-allowed":
    case "not-named":
      return state.status === "signed-out" ? "sign-in" : "refused";
  }
}

/** The policy's decision for `subject`; for a bare condition the reason is worked out as the policy's own would be. */
export function decide(
  policy: Policy,
  subject: Subject,
  requirement: Requirement,
  known: Known,
  now: number,
): Decision {
  const context: Context = { now, ...(known.tables === undefined ? {} : { tables: known.tables }) };
  if (isAction(requirement)) return evaluate(policy, subject, requirement, known, context);
  if (truth(policy, requirement, subject, null, context) === true) return { allowed: true };
  if (subject.kind === "anonymous") return { allowed: false, reason: "not-signed-in" };
  const withFactor: Subject = { ...subject, assurance: "aal2" };
  const wouldHold = truth(policy, requirement, withFactor, null, context) === true;
  return { allowed: false, reason: wouldHold ? "second-factor-required" : "not-allowed" };
}

function isAction(requirement: Requirement): requirement is Action {
  return requirement.kind === "route" || requirement.kind === "page" || requirement.kind === "table";
}
