// Random policies over one table with every column type, and a membership table beside it.
import {
  aal2,
  all,
  any,
  anyone,
  type ColumnType,
  type Condition,
  column,
  defineSecurity,
  member,
  nobody,
  not,
  owner,
  type Policy,
  role,
  type Scalar,
  signedIn,
  type TablePolicy,
} from "@holdfast/policy";
import fc from "fast-check";

export const ROLES = ["reader", "editor", "admin", "auditor"] as const;
const DEPTH_MAX = 4;

export const ITEM_COLUMNS = {
  id: { type: "uuid" },
  owner_id: { type: "uuid", nullable: true },
  team_id: { type: "uuid", nullable: true },
  status: { type: "text", nullable: true },
  level: { type: "integer", nullable: true },
  size: { type: "bigint", nullable: true },
  flag: { type: "boolean", nullable: true },
  due: { type: "timestamptz", nullable: true },
  day: { type: "date", nullable: true },
  price: { type: "numeric", nullable: true },
  extra: { type: "jsonb", nullable: true },
} as const;

export const MEMBERSHIP_COLUMNS = {
  id: { type: "uuid" },
  team_id: { type: "uuid", nullable: true },
  user_id: { type: "uuid", nullable: true },
  label: { type: "text", nullable: true },
  rank: { type: "integer", nullable: true },
  until: { type: "timestamptz", nullable: true },
} as const;

/** Few values of each type, chosen so that they often meet: ordinary ones, the edges of their type, and what breaks quoting. */
export const VALUES: Readonly<Record<Exclude<ColumnType, "jsonb">, readonly Scalar[]>> = {
  uuid: [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-00000000000a",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "00000000-0000-0000-0000-000000000000",
  ],
  text: ["", "a", "B", "b", "it's", 'back\\slash "', "é", "\u{ffee}", "\u{1f512}", "a\n--"],
  integer: [-2147483648, -1, 0, 1, 7, 2147483647],
  bigint: [-9007199254740991, 0, 7, "9223372036854775807"],
  boolean: [true, false],
  timestamptz: [
    "2001-01-01T00:00:00Z",
    "2001-01-01T01:00:00+01:00",
    "2001-01-01T00:00:00.000001Z",
    "2199-12-31T23:59:59Z",
  ],
  date: ["2001-01-01", "2001-01-02", "2199-12-31"],
  numeric: [-1.5, 0, 0.1, 1, "1.00", "0.10000000000000000001", 1e21],
};

type ComparedType = keyof typeof VALUES;

const named = (names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...names);

/** Columns of the item table with one of the types. */
function columnsOf(types: readonly ColumnType[]): string[] {
  return Object.entries(ITEM_COLUMNS)
    .filter(([, { type }]) => types.includes(type))
    .map(([name]) => name);
}

function typeOf(name: string): ComparedType {
  return ITEM_COLUMNS[name as keyof typeof ITEM_COLUMNS].type as ComparedType;
}

const compared = columnsOf(["uuid", "text", "integer", "bigint", "boolean", "timestamptz", "date", "numeric"]);
const ordered = columnsOf(["text", "integer", "bigint", "timestamptz", "date", "numeric"]);

const comparison: fc.Arbitrary<Condition> = fc.oneof(
  named(compared).chain((name) =>
    fc
      .tuple(fc.constantFrom(...VALUES[typeOf(name)]), fc.boolean())
      .map(([value, same]) => (same ? column(name).is(value) : column(name).isNot(value))),
  ),
  named(ordered).chain((name) =>
    fc
      .tuple(
        fc.constantFrom(...VALUES[typeOf(name)]),
        fc.constantFrom("isLessThan", "isAtMost", "isMoreThan", "isAtLeast"),
      )
      .map(([value, operator]) => column(name)[operator as "isLessThan"](value)),
  ),
  named(compared).chain((name) =>
    fc
      .array(fc.constantFrom(...VALUES[typeOf(name)]), { minLength: 1, maxLength: 3 })
      .map((values) => column(name).isOneOf(...values)),
  ),
);

const membership: fc.Arbitrary<Condition> = fc
  .record({
    pair: fc.constantFrom(["team_id", "team_id"], ["id", "team_id"], ["level", "rank"], ["status", "label"]),
    where: fc.option(
      fc.oneof(
        fc
          .array(fc.constantFrom(...VALUES.text), { minLength: 1, maxLength: 4 })
          .map((values) => ({ column: "label", values })),
        fc
          .array(fc.constantFrom(...VALUES.integer), { minLength: 1, maxLength: 4 })
          .map((values) => ({ column: "rank", values })),
      ),
      { nil: undefined },
    ),
    until: fc.option(fc.constant("until"), { nil: undefined }),
  })
  .map(({ pair, where, until }) =>
    member({
      column: pair[0] as string,
      table: "membership",
      group: pair[1] as string,
      subject: "user_id",
      ...(where === undefined ? {} : { where }),
      ...(until === undefined ? {} : { until }),
    }),
  );

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<Condition>(anyone(), nobody(), signedIn(), aal2()) },
  { weight: 2, arbitrary: fc.constantFrom(...ROLES).map((name) => role(name)) },
  { weight: 3, arbitrary: fc.constantFrom<Condition>(owner("owner_id"), owner("team_id")) },
  { weight: 1, arbitrary: named(Object.keys(ITEM_COLUMNS)).map((name) => column(name).isNull()) },
  { weight: 1, arbitrary: fc.constantFrom<Condition>(column("due").isFuture(), column("due").isPast()) },
  { weight: 4, arbitrary: comparison },
  { weight: 4, arbitrary: membership },
);

const condition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: DEPTH_MAX - 1, depthSize: "medium" },
    leaf,
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((of): Condition => any(...of)),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((of): Condition => all(...of)),
    tie("node").map((of): Condition => not(of)),
  ),
})).node;

const aboutSubject: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom(...ROLES).map((name) => role(name)),
  fc.constantFrom<Condition>(aal2(), signedIn(), not(aal2()), any(role("auditor"), aal2()), all(role("editor"), aal2())),
);

/** Arms with an index beside what is about the subject alone: what a gate (gate.ts) is made for. */
const mixed: fc.Arbitrary<Condition> = fc
  .record({
    tied: fc.oneof(fc.constantFrom<Condition>(owner("owner_id"), owner("team_id")), membership),
    subject: aboutSubject,
    both: fc.option(
      fc.tuple(aboutSubject, condition).map((of): Condition => all(...of)),
      { nil: undefined },
    ),
    beside: fc.option(condition, { nil: undefined }),
  })
  .map(({ tied, subject, both, beside }): Condition => {
    const arms = any(tied, subject, ...(both === undefined ? [] : [both]));
    return beside === undefined ? arms : all(arms, beside);
  });

/** Writes are often open to many: a random condition alone refuses nearly always, which proves little. */
const write: fc.Arbitrary<Condition> = fc.oneof(
  condition,
  mixed,
  condition.map((part): Condition => any(signedIn(), part)),
);
const read: fc.Arbitrary<Condition> = fc.oneof(
  condition,
  mixed,
  condition.map((part): Condition => any(signedIn(), part)),
);

export interface Conditions {
  readonly select: Condition;
  readonly insert: Condition;
  readonly update: Condition;
  readonly delete: Condition;
  readonly within?: Condition;
}

/** A floor that is open to some: one that refuses everybody would prove nothing about the conditions above it. */
const floor: fc.Arbitrary<Condition> = fc.oneof(membership, mixed, condition).map((part): Condition => any(part, role("editor"), owner("owner_id")));

export const conditions: fc.Arbitrary<Conditions> = fc.record(
  { select: read, insert: write, update: write, delete: write, within: floor },
  { requiredKeys: ["select", "insert", "update", "delete"] },
);

/** Nobody may select memberships: the sets read them all the same. */
const closed = defineSecurity({
  application: { name: "differential", origin: "https://localhost:8443" },
  roles: {
    reader: {},
    auditor: {},
    editor: { includes: ["reader"] },
    admin: { includes: ["editor"], requires: "aal2" },
  },
  tables: {
    item: { schema: "trial", columns: ITEM_COLUMNS },
    membership: { schema: "trial", columns: MEMBERSHIP_COLUMNS },
  },
});

/** The policy with these conditions on the item table, also such as `defineSecurity` thinks unwise: every condition has one meaning. */
export function policyWith(on: Conditions): Policy {
  return { ...closed, tables: { ...closed.tables, item: { ...(closed.tables.item as TablePolicy), ...on } } };
}
