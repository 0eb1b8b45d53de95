// Attacks that several rules share.
import type { Attack } from "./finding.ts";
import { attackerOf, type Subject } from "./subject.ts";

/** Nobody in particular reads one row, whoever's it is; nothing where only PUBLIC has the right and no role is known. */
export function readsAnyRow(
  subject: Subject,
  roles: readonly string[],
  relation: string,
): { readonly attack?: Attack } {
  const role = attackerOf(subject, roles);
  if (role === undefined) return {};
  // No column is named: a right to one of them is enough.
  return {
    attack: {
      role,
      sql: `SELECT count(*) FROM (SELECT FROM ${relation} LIMIT 1) AS stolen`,
      shows: "rows",
      runs: "reads",
    },
  };
}
