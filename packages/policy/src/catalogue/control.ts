// A control: one line of the security plan, what it promises here, and what must have been seen for it to hold.
import type { Layer } from "../layer.ts";
import { type RequirementSubject, type Requirements, requirementsOf } from "./requirements.ts";

/** Id of a check: one of the attack list such as `JWT-01`, or a word of our own such as `matrix-pages`. */
export type CheckId = string;

/** 51 measures, 15 tasks, 5 indicators, 5 thresholds. */
export type ControlKind = "measure" | "task" | "indicator" | "threshold";

/** One line of the plan as a promise that can be proven. */
export interface Control<Id extends string = string> {
  readonly id: Id;
  readonly kind: ControlKind;
  /** What it promises, in one sentence. */
  readonly sentence: string;
  /** Where the plan asks for it, in the plan's own words. */
  readonly plan: { readonly phase: string; readonly section: string; readonly line: string };
  /** Where it is enforced or observed. */
  readonly layers: readonly Layer[];
  readonly maps: Requirements;
  /** All of them must hold. None: nothing proves it yet, so it is unproven. */
  readonly checks: readonly CheckId[];
  /** How often it must be seen to hold; evidence older than twice this is stale. */
  readonly intervalSeconds: number;
}

/** One control as its section's file writes it. */
export interface Line<Id extends string> {
  readonly id: Id;
  readonly line: string;
  readonly sentence: string;
  readonly layers: readonly Layer[];
  readonly subjects: readonly RequirementSubject[];
  readonly checks: readonly CheckId[];
}

/** What the controls of one section have in common. */
export interface Section {
  readonly kind: ControlKind;
  readonly phase: string;
  readonly section: string;
  readonly intervalSeconds: number;
}

const hourSeconds = 3_600;
const daySeconds = 24 * hourSeconds;
/** An attack is repeated once a day, and whenever somebody asks. */
export const attackInterval = daySeconds;
export const dailyInterval = daySeconds;
export const weeklyInterval = 7 * daySeconds;
/** The longest month. */
export const monthlyInterval = 31 * daySeconds;

/** The controls of one section of the plan. */
export function controlsOf<const Id extends string>(
  section: Section,
  lines: readonly Line<Id>[],
): readonly Control<Id>[] {
  return lines.map(({ id, line, sentence, layers, subjects, checks }) => ({
    id,
    kind: section.kind,
    sentence,
    plan: { phase: section.phase, section: section.section, line },
    layers,
    maps: requirementsOf(subjects),
    checks,
    intervalSeconds: section.intervalSeconds,
  }));
}
