// What rules about policies have in common: how they name one, and how they rewrite its conditions.
import type { ReadPolicy } from "../policy/read-policy.ts";
import { quoted } from "./subject.ts";

/** "policy own on public.content" */
export const policyObject = (policy: ReadPolicy): string => `policy ${policy.name} on ${policy.relation}`;

/** ALTER POLICY with both conditions passed through `rewrite`; nothing where neither changes. */
export function alterPolicy(policy: ReadPolicy, rewrite: (condition: string) => string): readonly string[] {
  const clauses = [...clause("USING", policy.using, rewrite), ...clause("WITH CHECK", policy.check, rewrite)];
  if (clauses.length === 0) return [];
  return [`ALTER POLICY ${quoted(policy.name)} ON ${policy.relation} ${clauses.join(" ")};`];
}

function clause(word: string, condition: string | null, rewrite: (condition: string) => string): readonly string[] {
  if (condition === null) return [];
  const written = rewrite(condition);
  return written === condition ? [] : [`${word} (${written})`];
}

/** The condition as text pieces: what stands in quotes is left alone by `change`. */
export function outsideQuotes(condition: string, change: (text: string) => string): string {
  return condition
    .split(/('(?:[^']|'')*')/)
    .map((piece, index) => (index % 2 === 1 ? piece : change(piece)))
    .join("");
}

/** Calls without arguments become subqueries that run once: `auth.uid()` to `(SELECT auth.uid())`. */
export function callsOnce(condition: string, names: readonly string[]): string {
  return outsideQuotes(condition, (text) =>
    names.reduce(
      (done, name) =>
        done.replaceAll(
          new RegExp(`(?<![\\w."])(SELECT\\s+)?${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\(\\)`, "gi"),
          (whole: string, select: string | undefined) => (select === undefined ? `( SELECT ${whole})` : whole),
        ),
      text,
    ),
  );
}

const IN_SUBQUERY = " IN ( SELECT ";

/** `x IN ( SELECT …)` becomes `x = ANY (ARRAY( SELECT …))`: the same truth, and an index condition. */
export function arraysForSets(condition: string): string {
  const start = condition.indexOf(IN_SUBQUERY);
  if (start < 0) return condition;
  const open = start + " IN ".length;
  const end = closing(condition, open);
  if (end < 0) return condition;
  const inner = condition.slice(open, end + 1);
  return `${condition.slice(0, start)} = ANY (ARRAY${inner})${arraysForSets(condition.slice(end + 1))}`;
}

/** The place of the parenthesis that closes the one at `open`; those in quotes do not count. */
function closing(text: string, open: number): number {
  let depth = 0;
  let isQuoted = false;
  for (let place = open; place < text.length; place += 1) {
    const letter = text[place];
    if (letter === "'") isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (depth === 0) return place;
  }
  return -1;
}
