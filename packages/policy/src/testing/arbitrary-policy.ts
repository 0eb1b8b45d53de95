// Random policies, subjects, rows and conditions over one small schema, with few values, so that comparisons often meet.
import fc from "fast-check";
import { anyone, signedIn } from "../build-condition.ts";
import type { Condition, Scalar } from "../condition.ts";
import type { Context, Row, Subject } from "../decision.ts";
import { checkSecurity } from "../define-security.ts";
import type { Policy } from "../policy.ts";
import { anonymous } from "../subject.ts";

const ids = [
  "aaaaaaaa-0000-4000-8000-000000000001",
  "aaaaaaaa-0000-4000-8000-000000000002",
  "aaaaaaaa-0000-4000-8000-000000000003",
] as const;

const now = Date.UTC(2030, 0, 1);
const moments = ["2029-12-31T23:59:59.999Z", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00.000001+01:00"];

const thingColumns = {
  id: "uuid",
  owner_id: { type: "uuid", nullable: true },
  team_id: { type: "uuid", nullable: true },
  status: { type: "text", nullable: true },
  level: { type: "integer", nullable: true },
  size: { type: "bigint", nullable: true },
  price: { type: "numeric", nullable: true },
  hidden: { type: "boolean", nullable: true },
  day: { type: "date", nullable: true },
  until: { type: "timestamptz", nullable: true },
} as const;

const tieColumns = {
  id: "uuid",
  team_id: { type: "uuid", nullable: true },
  user_id: { type: "uuid", nullable: true },
  kind: { type: "text", nullable: true },
  until: { type: "timestamptz", nullable: true },
} as const;

const values: Readonly<Record<string, readonly Scalar[]>> = {
  uuid: [...ids, ids[0].toUpperCase()],
  text: ["", "a", "A", "b", "\u{10000}", "\uFFFD"],
  integer: [-1, 0, 1, 2],
  bigint: ["-9223372036854775808", 0, "1", "9007199254740993"],
  numeric: ["0", 0.5, "0.50", "NaN", 1e21],
  boolean: [true, false],
  date: ["2029-12-31", "2030-01-01", "infinity"],
  timestamptz: moments,
};

const rowOf = (columns: Readonly<Record<string, string | { readonly type: string; readonly nullable: boolean }>>) =>
  fc.record(
    Object.fromEntries(
      Object.entries(columns).map(([name, column]) => {
        const [type, nullable] = typeof column === "string" ? [column, false] : [column.type, column.nullable];
        return [name, fc.constantFrom(...(values[type] ?? []), ...(nullable ? [null] : []))];
      }),
    ),
  ) as fc.Arbitrary<Row>;

export const thingRow = rowOf(thingColumns);
const tieRow = rowOf(tieColumns);

export const roleSets = [
  { reader: {}, editor: { includes: ["reader"] }, auditor: {}, admin: { includes: ["editor"], requires: "aal2" } },
  { reader: {}, editor: {}, auditor: { includes: ["reader"] }, admin: { includes: ["auditor"], requires: "aal2" } },
] as const;

export const subject: fc.Arbitrary<Subject> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(anonymous) },
  { weight: 1, arbitrary: fc.constant({ ...anonymous, kind: "service" } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      id: fc.constantFrom(...ids),
      kind: fc.constant("person" as const),
      roles: fc.subarray(["reader", "editor", "auditor", "admin"]),
      assurance: fc.constantFrom("aal1" as const, "aal2" as const),
      sessionId: fc.constant(null),
    }),
  },
);

export const context: fc.Arbitrary<Context> = fc
  .array(tieRow, { maxLength: 3 })
  .map((ties) => ({ now, tables: { ties } }));

const subjectAtom: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant(signedIn()),
  fc.constant(anyone()),
  fc.constant({ kind: "nobody" } as const),
  fc.constant({ kind: "assurance", level: "aal2" } as const),
  fc.constantFrom("reader", "editor", "auditor", "admin").map((role) => ({ kind: "role", role }) as const),
);

const finite = (type: string) => (values[type] ?? []).filter((value) => value !== "NaN" && value !== "infinity");

const compareAtom: fc.Arbitrary<Condition> = fc
  .constantFrom(...Object.entries(thingColumns))
  .chain(([column, declared]) => {
    const type = typeof declared === "string" ? declared : declared.type;
    const ordered = type !== "uuid" && type !== "boolean";
    return fc.record({
      kind: fc.constant("compare" as const),
      column: fc.constant(column),
      operator: fc.constantFrom(
        ...(ordered ? (["eq", "ne", "lt", "le", "gt", "ge"] as const) : (["eq", "ne"] as const)),
      ),
      value: fc.constantFrom(...finite(type)),
    });
  });

const rowAtom: fc.Arbitrary<Condition> = fc.oneof(
  compareAtom,
  fc.constant({ kind: "owner", column: "owner_id" } as const),
  fc.constantFrom("owner_id", "team_id", "status", "until").map((column) => ({ kind: "isNull", column }) as const),
  fc.constantFrom("future" as const, "past" as const).map((is) => ({ kind: "time", column: "until", is }) as const),
  fc
    .uniqueArray(fc.constantFrom(...finite("text")), { minLength: 1, maxLength: 3 })
    .map((of) => ({ kind: "oneOf", column: "status", values: of }) as const),
  fc.tuple(fc.boolean(), fc.boolean(), fc.constantFrom("team_id", "id")).map(([where, until, column]) => ({
    kind: "member" as const,
    column,
    table: "ties",
    group: "team_id",
    subject: "user_id",
    ...(where ? { where: { column: "kind", values: ["a", "b"] } } : {}),
    ...(until ? { until: "until" } : {}),
  })),
);

const depthMax = 4;

const combine = (atom: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
  fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: depthMax, withCrossShrink: true },
      atom,
      fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((of) => ({ kind: "all" as const, of })),
      fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((of) => ({ kind: "any" as const, of })),
      tie("condition").map((of) => ({ kind: "not" as const, of })),
    ),
  })).condition;

export const subjectCondition = combine(fc.oneof(subjectAtom, fc.constant({ kind: "service" } as const)));
export const rowCondition = combine(fc.oneof(subjectAtom, rowAtom));

/** A policy over the schema with that condition for reading, or with an application route of that condition. */
export function policyWith(
  parts: { readonly select?: Condition; readonly route?: Condition },
  roles: (typeof roleSets)[number] = roleSets[0],
): Policy {
  const checked = checkSecurity({
    application: { name: "random", origin: "https://localhost" },
    roles,
    tables: {
      things: { columns: thingColumns, ...(parts.select === undefined ? {} : { select: parts.select }) },
      ties: { columns: tieColumns },
    },
    ...(parts.route === undefined ? {} : { services: { api: { routes: { "GET /things": { allow: parts.route } } } } }),
  });
  if ("issues" in checked) throw new Error(JSON.stringify(checked.issues));
  return checked.policy;
}
