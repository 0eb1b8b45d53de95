// Does a changed condition hold in more cases than before, or in fewer? Answered by a search over a subject, a row and the rows of
// other tables for every case that the two conditions can tell apart, not by comparing texts.
import type { Condition } from "../condition.ts";
import type { Row, Subject } from "../decision.ts";
import { ownField } from "../own-field.ts";
import { canonicalUuid } from "../scalar.ts";
import type { Meaning } from "../truth.ts";
import { constantsOf, momentNow, momentsFor, partsOf } from "./representatives.ts";
import { type Contents, columnClasses, columnsRead, contentClasses } from "./row-classes.ts";
import { type Case, search } from "./search.ts";
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
  /** When, milliseconds since 1970; absent where any moment will do. */
  readonly now?: number;
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

const ownId = "00000000-0000-4000-8000-000000000001";

/** `table` is the key of the table that the conditions belong to, or null for routes and pages. */
export function compareConditions(before: Side, after: Side, table: string | null): Comparison {
  const meanings = [before, after].map((side) => side.meaning);
  const parts = [before, after].flatMap((side) => partsOf(side.condition));
  if (!areTypesSame(meanings, table, parts)) return { gained: null, lost: null, complete: false };
  const ids = [ownId, ...uuidConstants(parts)];
  const subjects = subjectClasses(meanings, parts, ids);
  const nows = momentsFor(parts);
  const contentsFor = remembered(parts, (person, row) =>
    contentClasses(meanings, parts, person, table === null || row === null ? null : { table, row }),
  );
  const found = search(before, after, {
    subjects: subjects.members,
    nows,
    table,
    columns: table === null ? [] : columnClasses(meanings, table, parts, ids, nows),
    contentsFor: (subject, row) => contentsFor(subject.id, row),
  });
  return {
    gained: found.gained === null ? null : witnessOf(found.gained),
    lost: found.lost === null ? null : witnessOf(found.lost),
    complete: found.complete && subjects.complete,
  };
}

function witnessOf({ subject, row, tables, now }: Case): Witness {
  return { subject, row, tables, ...(now === momentNow ? {} : { now }) };
}

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
