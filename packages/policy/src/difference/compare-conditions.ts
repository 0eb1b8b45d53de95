// Does a changed condition hold in more cases than before, or in fewer? Answered by trying a subject, a row and the rows of
// other tables for every case that the two conditions can tell apart, not by comparing texts.
import type { Condition } from "../condition.ts";
import type { Row, Subject } from "../decision.ts";
import { ownField } from "../own-field.ts";
import { canonicalUuid } from "../scalar.ts";
import { type Meaning, truth } from "../truth.ts";
import { constantsOf, momentNow, partsOf } from "./representatives.ts";
import { type Contents, columnsRead, contentClasses, rowClasses } from "./row-classes.ts";
import { type Classes, subjectClasses } from "./subject-classes.ts";

/** A condition and the policy that gives it its meaning. */
export interface Side {
  readonly meaning: Meaning;
  readonly condition: Condition;
}

/** A case in which one condition holds and the other does not. */
export interface Witness {
  readonly subject: Subject;
  /** Null for routes and pages. */
  readonly row: Row | null;
  /** Rows of the tables that `member` conditions read. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
}

/** What trying the cases showed. */
export interface Comparison {
  /** Held only after the change. */
  readonly gained: Witness | null;
  /** Held only before the change. */
  readonly lost: Witness | null;
  /** Every case was tried, so a null above is a proof. */
  readonly complete: boolean;
}

// Tried at most for one pair of conditions: larger products are sampled.
const casesMax = 20_000;
const ownId = "00000000-0000-4000-8000-000000000001";

/** `table` is the key of the table that the conditions belong to, or null for routes and pages. */
export function compareConditions(before: Side, after: Side, table: string | null): Comparison {
  const sides = [before, after];
  const meanings = sides.map((side) => side.meaning);
  const parts = sides.flatMap((side) => partsOf(side.condition));
  if (!areTypesSame(meanings, table, parts)) return { gained: null, lost: null, complete: false };
  const ids = [ownId, ...uuidConstants(parts)];
  const subjects = subjectClasses(meanings, parts, ids);
  const rows = table === null ? noRow : rowClasses(meanings, table, parts, ids);
  const contentsFor = remembered(parts, (person, row) =>
    contentClasses(meanings, parts, person, table === null || row === null ? null : { table, row }),
  );
  let [gained, lost]: [Witness | null, Witness | null] = [null, null];
  let complete = subjects.complete && rows.complete && !mixesTimes(parts);
  let cases = 0;
  for (const [subject, row] of pairsOf(subjects.members, rows.members)) {
    const contents = contentsFor(subject.id, row);
    complete &&= contents.complete;
    for (const tables of contents.members) {
      const [held, holds] = sides.map(({ meaning, condition }) => {
        const resource = row === null || table === null ? null : { table, row };
        return truth(meaning, condition, subject, resource, { now: momentNow, tables }) === true;
      });
      if (holds === true && held === false) gained ??= { subject, row, tables };
      if (held === true && holds === false) lost ??= { subject, row, tables };
      cases += 1;
    }
    if (gained !== null && lost !== null) break;
    if (cases > casesMax) return { gained, lost, complete: false };
  }
  return { gained, lost, complete };
}

const noRow: Classes<Row | null> = { members: [null], complete: true };

/** A constant may be somebody's own id: owner and comparison can then both be true. */
function uuidConstants(parts: readonly Condition[]): readonly string[] {
  const constants = parts.flatMap((part) => ("column" in part ? constantsOf([part], part.column) : []));
  return [...new Set(constants.map(canonicalUuid).filter((id) => id !== null))];
}

type ContentsFor = (person: string | null, row: Row | null) => Classes<Contents>;

/** The contents depend only on who asks and on the columns that `member` conditions read, so each is worked out once. */
function remembered(parts: readonly Condition[], make: ContentsFor): ContentsFor {
  const columns = [...new Set(parts.flatMap((part) => (part.kind === "member" ? [part.column] : [])))];
  const known = new Map<string, Classes<Contents>>();
  return (person, row) => {
    const key = JSON.stringify([person, columns.map((column) => row?.[column])]);
    const found = known.get(key) ?? make(person, row);
    known.set(key, found);
    return found;
  };
}

/** All pairs, the simple ones first; where there are too many, in an order that meets many different ones early. */
function* pairsOf<A, B>(left: readonly A[], right: readonly B[]): Generator<readonly [A, B]> {
  const total = left.length * right.length;
  const step = total <= casesMax ? 1 : strideFor(total);
  for (let index = 0, position = 0; index < total; index += 1, position = (position + step) % total) {
    const [first, second] = [left[position % left.length], right[Math.floor(position / left.length)]];
    if (first !== undefined && second !== undefined) yield [first, second];
  }
}

/** A step without a common divisor with the total visits every position once, far apart. */
function strideFor(total: number): number {
  const primes = [7_919, 104_729, 1_299_709];
  return total === 0 ? 1 : (primes.find((prime) => total % prime !== 0) ?? 1);
}

/** A column that has another type after the change has no common cases to compare. */
function areTypesSame(meanings: readonly Meaning[], table: string | null, parts: readonly Condition[]): boolean {
  const used = parts.flatMap((part): readonly (readonly [string, string])[] => {
    if (!("column" in part) || table === null) return [];
    const others = part.kind === "member" ? columnsRead(part).map((name) => [part.table, name] as const) : [];
    return [[table, part.column], ...others];
  });
  return used.every(([of, name]) => {
    const types = meanings.flatMap(
      (meaning) => ownField(ownField(meaning.tables, of)?.columns ?? {}, name)?.type ?? [],
    );
    return new Set(types).size <= 1;
  });
}

/** A column compared both with constants and with the present: whether it lies before them depends on when one looks. */
function mixesTimes(parts: readonly Condition[]): boolean {
  return parts.some((part) => part.kind === "time" && constantsOf(parts, part.column).length > 0);
}
