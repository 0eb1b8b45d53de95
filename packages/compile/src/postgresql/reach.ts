// Which of the three truths a condition can take for a class of subjects: decides which database roles a policy is made for.
// An over-approximation: it never says "cannot hold" of a condition that can.
import type { Condition } from "@holdfast/policy";

/** Who asks, as far as the database role tells: nobody signed in (`anon`), or a person (`authenticated`). */
export type SubjectClass = "anonymous" | "person";

interface Reach {
  readonly true: boolean;
  readonly false: boolean;
  readonly unknown: boolean;
}

const TRUE: Reach = { true: true, false: false, unknown: false };
const FALSE: Reach = { true: false, false: true, unknown: false };
const UNKNOWN: Reach = { true: false, false: false, unknown: true };
const KNOWN: Reach = { true: true, false: true, unknown: false };
const UNKNOWN_OR_FALSE: Reach = { true: false, false: true, unknown: true };
const EVERY: Reach = { true: true, false: true, unknown: true };

function conjunction(parts: readonly Reach[]): Reach {
  const every = parts.every((part) => part.true || part.unknown);
  return {
    true: parts.every((part) => part.true),
    false: parts.some((part) => part.false),
    unknown: every && parts.some((part) => part.unknown),
  };
}

function negation(part: Reach): Reach {
  return { true: part.false, false: part.true, unknown: part.unknown };
}

function reach(condition: Condition, who: SubjectClass): Reach {
  const person = who === "person";
  switch (condition.kind) {
    case "anyone":
      return TRUE;
    case "nobody":
    case "service":
      return FALSE;
    case "signedIn":
      return person ? TRUE : FALSE;
    case "role":
    case "assurance":
      return person ? KNOWN : FALSE;
    case "owner":
      return person ? EVERY : UNKNOWN;
    case "member":
      return person ? EVERY : UNKNOWN_OR_FALSE;
    case "compare":
    case "oneOf":
    case "time":
      return EVERY;
    case "isNull":
      return KNOWN;
    case "all":
      return conjunction(condition.of.map((part) => reach(part, who)));
    case "any":
      return negation(conjunction(condition.of.map((part) => negation(reach(part, who)))));
    case "not":
      return negation(reach(condition.of, who));
  }
}

/** Can the condition be true for some row and some subject of the class? */
export function canHold(condition: Condition, who: SubjectClass): boolean {
  return reach(condition, who).true;
}

/** Can the condition be something else than true for some row and some subject of the class? */
export function canFail(condition: Condition, who: SubjectClass): boolean {
  const { false: isFalse, unknown } = reach(condition, who);
  return isFalse || unknown;
}
