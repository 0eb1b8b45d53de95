// Subjects enough to stand for all: every combination of roles that the conditions can tell apart, with and without a
// second factor, and those who are no person.
import type { Condition } from "../condition.ts";
import type { Subject } from "../decision.ts";
import { anonymous } from "../subject.ts";
import { holdsRole, type Meaning } from "../truth.ts";

const classesMax = 256;

/** Representatives of classes. */
export interface Classes<T> {
  readonly members: readonly T[];
  /** False when there were too many to list. */
  readonly complete: boolean;
}

/** One subject of each class that the conditions tell apart under some of the policies, with each of the ids. */
export function subjectClasses(
  meanings: readonly Meaning[],
  parts: readonly Condition[],
  ids: readonly string[],
): Classes<Subject> {
  const roles = [...new Set(parts.flatMap((part) => (part.kind === "role" ? [part.role] : [])))];
  const granted = [...new Set(meanings.flatMap((meaning) => Object.keys(meaning.roles)))];
  const grants = grantClasses(meanings, roles, granted);
  const people = ids.flatMap((id) =>
    grants.members.flatMap((held) => [personOf(id, held, "aal1"), personOf(id, held, "aal2")]),
  );
  return { members: [anonymous, { ...anonymous, kind: "service" }, ...people], complete: grants.complete };
}

function personOf(id: string, roles: readonly string[], assurance: Subject["assurance"]): Subject {
  return { id, kind: "person", roles, assurance, sessionId: null };
}

/** Sets of granted roles, one for every combination of role conditions that some set makes true. */
function grantClasses(
  meanings: readonly Meaning[],
  roles: readonly string[],
  granted: readonly string[],
): Classes<readonly string[]> {
  const signature = (held: readonly string[]): string =>
    meanings
      .flatMap((meaning) =>
        (["aal1", "aal2"] as const).flatMap((assurance) =>
          roles.map((role) => (holdsRole(meaning, personOf("me", held, assurance), role) ? "1" : "0")),
        ),
      )
      .join("");
  return unionClosure<string>(granted, (held) => signature(held));
}

/**
 * Sets of items, one for each signature that some set of items has. Right only where the signature of a union follows from
 * the signatures of its parts, which holds for roles and for ties: each only adds.
 */
export function unionClosure<T>(items: readonly T[], signature: (set: readonly T[]) => string): Classes<readonly T[]> {
  const sets = new Map<string, readonly T[]>([[signature([]), []]]);
  const seen = new Set<string>(sets.keys());
  for (const item of items) {
    const alone = signature([item]);
    if (seen.has(alone)) continue;
    seen.add(alone);
    for (const set of Array.from(sets.values())) {
      const union = [...set, item];
      const key = signature(union);
      if (!sets.has(key)) sets.set(key, union);
      if (sets.size > classesMax) return { members: [...sets.values()], complete: false };
    }
  }
  return { members: [...sets.values()], complete: true };
}
