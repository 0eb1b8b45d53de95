// Rows of the asked table, and contents of the tables that `member` conditions read, enough to stand for all.
import type { Condition, Scalar } from "../condition.ts";
import type { Row } from "../decision.ts";
import { ownField } from "../own-field.ts";
import type { ColumnPolicy } from "../policy.ts";
import { type Meaning, truth } from "../truth.ts";
import { constantsOf, momentNow, representativesOf } from "./representatives.ts";
import { type Classes, unionClosure } from "./subject-classes.ts";

type Columns = Readonly<Record<string, ColumnPolicy>>;

/** For each column that the conditions ask, values that stand for all; columns with few values first. */
export function columnClasses(
  meanings: readonly Meaning[],
  table: string,
  parts: readonly Condition[],
  ids: readonly string[],
  nows: readonly number[],
): readonly (readonly [string, readonly (Scalar | null)[]])[] {
  const asked = Object.entries(columnsOf(meanings, table)).filter(([name]) =>
    parts.some((part) => "column" in part && part.column === name),
  );
  return asked
    .map(([name, column], index) => {
      const values = representativesOf(column.type, constantsOf(parts, name), nows);
      const others = column.type === "uuid" ? [...ids, otherId(index)] : [];
      return [name, distinct([...values, ...others, ...(column.nullable ? [null] : [])])] as const;
    })
    .toSorted(([, left], [, right]) => left.length - right.length);
}

/** The columns of both policies' tables; nullable where either says so. */
function columnsOf(meanings: readonly Meaning[], table: string): Columns {
  const columns: Record<string, ColumnPolicy> = {};
  for (const meaning of meanings) {
    for (const [name, column] of Object.entries(ownField(meaning.tables, table)?.columns ?? {})) {
      columns[name] = { ...column, nullable: column.nullable || (ownField(columns, name)?.nullable ?? false) };
    }
  }
  return columns;
}

/** Ids of nobody, a different one for each column. */
function otherId(index: number): string {
  const digits = 12;
  return `00000000-0000-4000-9000-${String(index + 1).padStart(digits, "0")}`;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

const rowsMax = 5_000;
// Larger than rowsMax and prime, so that a sample is spread over all columns.
const sampleStride = 104_729;

function productOf(choices: readonly (readonly [string, readonly (Scalar | null)[]])[]): Classes<Row> {
  let rows: readonly Row[] = [{}];
  let complete = true;
  for (const [name, values] of choices) {
    const longer = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
    complete &&= longer.length <= rowsMax;
    rows = longer.filter((_, index) => (index * sampleStride) % longer.length < rowsMax);
  }
  return { members: rows, complete };
}

/** Contents of tables, by table name. */
export type Contents = Readonly<Record<string, readonly Row[]>>;
type Member = Extract<Condition, { readonly kind: "member" }>;

/**
 * What the tables of `member` conditions may hold for a person and a row. Their rows are taken to be free of each other and
 * of the asked row; a unique key, or a table that is its own membership table, may rule some of them out.
 */
export function contentClasses(
  meanings: readonly Meaning[],
  parts: readonly Condition[],
  person: string | null,
  asked: { readonly table: string; readonly row: Row } | null,
): Classes<Contents> {
  const members = parts.filter((part): part is Member => part.kind === "member");
  let classes: Classes<Contents> = { members: [{}], complete: true };
  for (const table of distinct(members.map((member) => member.table))) {
    const reading = members.filter((member) => member.table === table);
    const ties = person === null || asked === null ? noTies : tieClasses(meanings, table, reading, person, asked);
    classes = {
      members: classes.members.flatMap((contents) => ties.members.map((rows) => ({ ...contents, [table]: rows }))),
      complete: classes.complete && ties.complete,
    };
  }
  return classes;
}

/** Whoever is not signed in belongs to nothing, whatever the tables hold. */
const noTies: Classes<readonly Row[]> = { members: [[]], complete: true };

function tieClasses(
  meanings: readonly Meaning[],
  table: string,
  reading: readonly Member[],
  person: string,
  asked: { readonly table: string; readonly row: Row },
): Classes<readonly Row[]> {
  const values = distinct(reading.map((member) => asked.row[member.column] ?? null)).filter((value) => value !== null);
  const rows = productOf(
    Object.entries(columnsOf(meanings, table))
      .filter(([name]) => reading.some((member) => columnsRead(member).includes(name)))
      .map(([name, column]) => [name, tieValues(name, column, reading, values, person)]),
  );
  const subject = { id: person, kind: "person", roles: [], assurance: "aal1", sessionId: null } as const;
  const signature = (set: readonly Row[]): string =>
    meanings
      .flatMap((meaning) =>
        reading.map((member) => truth(meaning, member, subject, asked, { now: momentNow, tables: { [table]: set } })),
      )
      .join();
  const closure = unionClosure(rows.members, signature);
  return { members: closure.members, complete: closure.complete && rows.complete };
}

/** The columns of the other table that a membership reads. */
export function columnsRead({ group, subject, where, until }: Member): readonly string[] {
  return [group, subject, where?.column, until].filter((name) => name !== undefined);
}

/** Beyond the index of any column, so that it is equal to no row's own value. */
const otherIndex = 999;

function tieValues(
  name: string,
  column: ColumnPolicy,
  reading: readonly Member[],
  asked: readonly Scalar[],
  person: string,
): readonly (Scalar | null)[] {
  const others = column.type === "uuid" ? [otherId(otherIndex)] : representativesOf(column.type, []);
  const values = reading.flatMap((member): readonly Scalar[] => [
    ...(member.group === name ? [...asked, ...others] : []),
    ...(member.subject === name ? [person, ...others] : []),
    ...(member.where?.column === name ? [...representativesOf(column.type, member.where.values), ...others] : []),
    ...(member.until === name ? others : []),
  ]);
  return distinct(column.nullable ? [...values, null] : values);
}
