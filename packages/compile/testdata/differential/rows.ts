// Random rows and subjects for the tables of policies.ts.
import { type ColumnType, type Row, type Scalar, type Subject, subjectFromClaims } from "@holdfast/policy";
import fc from "fast-check";
import { ITEM_COLUMNS, MEMBERSHIP_COLUMNS, ROLES, VALUES } from "./policies.ts";

type Columns = Readonly<Record<string, { readonly type: ColumnType; readonly nullable?: boolean }>>;

/** One row in five has a null where it may. */
const NULL_FREQUENCY = 5;

function cell(column: Columns[string]): fc.Arbitrary<Scalar | null> {
  const value =
    column.type === "jsonb" ? fc.constantFrom<Scalar>('{"a": 1}', "null") : fc.constantFrom(...VALUES[column.type]);
  return column.nullable === true ? fc.option(value, { freq: NULL_FREQUENCY }) : value;
}

function rowOf(columns: Columns): fc.Arbitrary<Row> {
  return fc.record(Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, cell(column)])));
}

/** Row ids differ from the small pool of other ids except now and then, where a share names a row. */
function withIds(rows: readonly Row[], from: number): Row[] {
  const pool = VALUES.uuid;
  return rows.map((row, index) => ({
    ...row,
    id:
      index + from < pool.length
        ? (pool[index + from] as string)
        : `10000000-0000-4000-8000-${String(index + from).padStart(12, "0")}`,
  }));
}

export interface Trial {
  readonly stored: readonly Row[];
  readonly candidates: readonly Row[];
  readonly changes: readonly Row[];
  readonly memberships: readonly Row[];
  readonly askers: readonly Asker[];
}

/** Who asks: the claims of a verified token, and what the policy makes of them. */
export interface Asker {
  readonly claims: Readonly<Record<string, unknown>> | null;
  readonly subject: Subject;
}

/** Ids of the persons; the same pool as owners and members. */
const PERSONS = VALUES.uuid.slice(0, 3) as readonly string[];

const person: fc.Arbitrary<Asker> = fc
  .record({ sub: fc.constantFrom(...PERSONS), roles: fc.subarray([...ROLES]), aal: fc.constantFrom("aal1", "aal2") })
  .map(({ sub, roles, aal }) => ({
    sub,
    aal,
    role: "authenticated",
    app_metadata: { roles },
    // What a user writes about themselves gives no right.
    user_metadata: { roles: [...ROLES] },
  }))
  .map((claims) => ({ claims, subject: subjectFromClaims(claims) }));

const SERVICE_CLAIMS = { role: "service_role" };

export const OTHERS: readonly Asker[] = [
  { claims: null, subject: subjectFromClaims(null) },
  { claims: SERVICE_CLAIMS, subject: subjectFromClaims(SERVICE_CLAIMS) },
];

const change: fc.Arbitrary<Row> = rowOf(
  Object.fromEntries(Object.entries(ITEM_COLUMNS).filter(([name]) => name !== "id")),
).chain((row) =>
  fc
    .subarray(Object.keys(row), { minLength: 1, maxLength: 3 })
    .map((names) => Object.fromEntries(names.map((name) => [name, row[name] as Scalar | null]))),
);

export function trialOf(size: {
  readonly rows: number;
  readonly memberships: number;
  readonly persons: number;
}): fc.Arbitrary<Trial> {
  const items = fc.array(rowOf(ITEM_COLUMNS), { minLength: size.rows, maxLength: size.rows });
  return fc.record({
    stored: items.map((rows) => withIds(rows, 0)),
    candidates: items.map((rows) => withIds(rows, size.rows)),
    changes: fc.array(change, { minLength: size.rows, maxLength: size.rows }),
    memberships: fc
      .array(rowOf(MEMBERSHIP_COLUMNS), { minLength: size.memberships, maxLength: size.memberships })
      .map((rows) => withIds(rows, 0)),
    askers: fc
      .array(person, { minLength: size.persons, maxLength: size.persons })
      .map((persons) => [...persons, ...OTHERS]),
  });
}
