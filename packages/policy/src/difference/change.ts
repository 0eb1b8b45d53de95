// One change, and the parts that every kind of change is made with.
import { canonicalJson } from "../canonical-json.ts";
import type { Condition } from "../condition.ts";
import { conditionText } from "../condition-text.ts";
import type { Policy } from "../policy.ts";
import { compareConditions, type Witness } from "./compare-conditions.ts";

/**
 * `looser`: something is allowed, or goes unnoticed, that was not before. `tighter`: the reverse, and nothing more is
 * allowed. `changed`: both, or it cannot be said. `equivalent`: other words for the same.
 */
export type Effect = "looser" | "tighter" | "changed" | "equivalent";

/** One difference between two policies. */
export interface Change {
  /** Place in the normal form, for example `tables.content.select`. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly effect: Effect;
  /** For people; null where there was nothing. */
  readonly before: string | null;
  readonly after: string | null;
  /** Somebody who is allowed only after the change. */
  readonly gained?: Witness;
  /** Somebody who was allowed only before it. */
  readonly lost?: Witness;
}

const nobody: Condition = { kind: "nobody" };

/** The change of a condition; undefined conditions are those of something that is not named. */
export function conditionChange(
  policies: readonly [Policy, Policy],
  path: string,
  table: string | null,
  before: Condition | undefined,
  after: Condition | undefined,
): readonly Change[] {
  const texts = [before, after].map((condition) => (condition === undefined ? null : conditionText(condition)));
  if (texts[0] === texts[1] && haveSameMeaning(policies)) return [];
  const compared = compareConditions(
    { meaning: policies[0], condition: before ?? nobody },
    { meaning: policies[1], condition: after ?? nobody },
    table,
  );
  const { gained, lost, complete } = compared;
  const same = gained === null && lost === null && complete;
  if (same && texts[0] === texts[1]) return [];
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  return [
    {
      path,
      kind,
      effect: same ? "equivalent" : effectOf(gained !== null, lost !== null, complete),
      before: texts[0] ?? null,
      after: texts[1] ?? null,
      ...(gained === null ? {} : { gained }),
      ...(lost === null ? {} : { lost }),
    },
  ];
}

/** Whether the parts of the policies that give conditions their meaning are the same. */
function haveSameMeaning(policies: readonly [Policy, Policy]): boolean {
  const [before, after] = policies.map(({ roles, tables }) =>
    canonicalJson([roles, Object.entries(tables).map(([name, { columns }]) => [name, columns])]),
  );
  return before === after;
}

/** A gain that was seen is a loosening even where not every case was tried; a tightening has to be proved. */
function effectOf(gains: boolean, loses: boolean, complete: boolean): Effect {
  if (gains) return loses ? "changed" : "looser";
  return loses && complete ? "tighter" : "changed";
}

/** The change of a plain value, if there is one. */
export function valueChange(path: string, before: unknown, after: unknown, effect: Effect): readonly Change[] {
  const texts = [before, after].map((value) => (value === undefined ? null : canonicalJson(value)));
  if (texts[0] === texts[1]) return [];
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  return [{ path, kind, effect, before: texts[0] ?? null, after: texts[1] ?? null }];
}

/** Larger is looser, or tighter. */
export function numberChange(
  path: string,
  before: number,
  after: number,
  larger: "looser" | "tighter",
): readonly Change[] {
  const smaller = larger === "looser" ? "tighter" : "looser";
  return valueChange(path, before, after, after > before ? larger : smaller);
}

/** More names is looser. */
export function namesChange(path: string, before: readonly string[], after: readonly string[]): readonly Change[] {
  const gains = after.some((name) => !before.includes(name));
  const loses = before.some((name) => !after.includes(name));
  return valueChange(path, before, after, effectOf(gains, loses, true));
}

/** Keys of both records, those of the earlier first. */
export function keysOf(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}
