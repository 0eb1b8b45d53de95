// The search behind every proof about conditions: a decision tree over who asks, when, the columns of the row and what the other tables
// hold. A branch in which neither side can come out differently any more is cut, so that the cases tried are few where the product of all
// would be millions; what is left is tried in full. Finite, exact, and without a solver: conditions speak of equality, order, sets and roles.
import type { Condition, Scalar } from "../condition.ts";
import type { Row, Subject } from "../decision.ts";
import { type Meaning, truth } from "../truth.ts";
import type { Contents } from "./row-classes.ts";
import type { Classes } from "./subject-classes.ts";

/** Three truths that are still possible. */
interface Possible {
  readonly true: boolean;
  readonly false: boolean;
  readonly unknown: boolean;
}

const ANY: Possible = { true: true, false: true, unknown: true };

export interface Case {
  readonly subject: Subject;
  readonly row: Row | null;
  readonly tables: Contents;
  readonly now: number;
}

export interface Space {
  readonly subjects: readonly Subject[];
  readonly nows: readonly number[];
  readonly table: string | null;
  /** Values of each column that the conditions ask, in the order in which they are chosen. */
  readonly columns: readonly (readonly [string, readonly (Scalar | null)[]])[];
  /** What the other tables may hold, once it is known who asks and of which row. */
  contentsFor(subject: Subject, row: Row | null): Classes<Contents>;
}

export interface Asked {
  readonly meaning: Meaning;
  readonly condition: Condition;
}

/** Steps after which the search gives up: an honest "undecided" rather than a plan that hangs. */
export const STEPS_MAX = 200_000;

export interface Searched {
  /** `after` holds and `before` does not. */
  readonly gained: Case | null;
  readonly lost: Case | null;
  /** Every case was tried or cut, so a null above is a proof. */
  readonly complete: boolean;
}

interface State {
  gained: Case | null;
  lost: Case | null;
  complete: boolean;
  steps: number;
}

export function search(before: Asked, after: Asked, space: Space): Searched {
  const state: State = { gained: null, lost: null, complete: true, steps: 0 };
  for (const now of space.nows) {
    for (const subject of space.subjects) {
      descend(before, after, space, { subject, now, row: {}, next: 0 }, state);
      if (isOver(state)) return { gained: state.gained, lost: state.lost, complete: state.complete };
    }
  }
  return { gained: state.gained, lost: state.lost, complete: state.complete };
}

const isOver = (state: State): boolean => (state.gained !== null && state.lost !== null) || state.steps > STEPS_MAX;

interface Branch {
  readonly subject: Subject;
  readonly now: number;
  readonly row: Row;
  /** The column to choose next. */
  readonly next: number;
}

function descend(before: Asked, after: Asked, space: Space, branch: Branch, state: State): void {
  state.steps += 1;
  if (state.steps > STEPS_MAX) {
    state.complete = false;
    return;
  }
  const [was, is] = [possible(before, space, branch), possible(after, space, branch)];
  const mayGain = state.gained === null && is.true && (was.false || was.unknown);
  const mayLose = state.lost === null && was.true && (is.false || is.unknown);
  if (!mayGain && !mayLose) return;
  const column = space.columns[branch.next];
  if (column === undefined) {
    settle(before, after, space, branch, state);
    return;
  }
  const [name, values] = column;
  for (const value of values) {
    descend(before, after, space, { ...branch, row: { ...branch.row, [name]: value }, next: branch.next + 1 }, state);
    if (isOver(state)) return;
  }
}

/** Everything is chosen but what the other tables hold. */
function settle(before: Asked, after: Asked, space: Space, { subject, now, row }: Branch, state: State): void {
  const asked = space.table === null ? null : row;
  const contents = space.contentsFor(subject, asked);
  state.complete &&= contents.complete;
  for (const tables of contents.members) {
    state.steps += 1;
    const found: Case = { subject, row: asked, tables, now };
    const [held, holds] = [isTrue(before, space, found), isTrue(after, space, found)];
    if (holds && !held) state.gained ??= found;
    if (held && !holds) state.lost ??= found;
  }
}

function isTrue({ meaning, condition }: Asked, { table }: Space, { subject, row, tables, now }: Case): boolean {
  const resource = row === null || table === null ? null : { table, row };
  return truth(meaning, condition, subject, resource, { now, tables }) === true;
}

function possible({ meaning, condition }: Asked, space: Space, branch: Branch): Possible {
  switch (condition.kind) {
    case "all":
      return conjunction(condition.of.map((part) => possible({ meaning, condition: part }, space, branch)));
    case "any":
      return negation(
        conjunction(condition.of.map((part) => negation(possible({ meaning, condition: part }, space, branch)))),
      );
    case "not":
      return negation(possible({ meaning, condition: condition.of }, space, branch));
    case "member":
      // Known with the contents only.
      return ANY;
    default: {
      const isOpen = "column" in condition && space.table !== null && !Object.hasOwn(branch.row, condition.column);
      if (isOpen && space.columns.some(([name]) => name === condition.column)) return ANY;
      const resource = space.table === null ? null : { table: space.table, row: branch.row };
      const known = truth(meaning, condition, branch.subject, resource, { now: branch.now });
      return { true: known === true, false: known === false, unknown: known === null };
    }
  }
}

function conjunction(parts: readonly Possible[]): Possible {
  const mayHold = parts.every((part) => part.true || part.unknown);
  return {
    true: parts.every((part) => part.true),
    false: parts.some((part) => part.false),
    unknown: mayHold && parts.some((part) => part.unknown),
  };
}

const negation = (part: Possible): Possible => ({ true: part.false, false: part.true, unknown: part.unknown });
