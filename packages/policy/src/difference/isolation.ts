// Can tenants meet? For every table with a floor (`within`): whether the conditions of its actions keep to the floor by themselves, and
// whether somebody could join another's tenant by writing the membership that the floor believes. Proved, or shown by a case.
import type { Condition } from "../condition.ts";
import { ownField } from "../own-field.ts";
import type { Policy, TableAction, TablePolicy } from "../policy.ts";
import { tableActions } from "../read-tables.ts";
import { compareConditions, type Witness } from "./compare-conditions.ts";
import { partsOf } from "./representatives.ts";

export interface Isolation {
  /** Place in the policy, for example `tables.content.select`. */
  readonly path: string;
  /**
   * `proven`: no case leaves the floor. `floor`: the condition alone would, and the floor refuses it: the witness is such a case.
   * `open`: somebody who belongs to nothing writes their own membership: the witness does. `undecided`: too many cases.
   */
  readonly outcome: "proven" | "floor" | "open" | "undecided";
  readonly witness?: Witness;
}

/** Empty where no table has a floor. */
export function isolation(policy: Policy): readonly Isolation[] {
  const floors = Object.entries(policy.tables).flatMap(([name, table]) =>
    table.within === undefined ? [] : [{ name, table, floor: table.within }],
  );
  const kept = floors.flatMap(({ name, table, floor }) =>
    tableActions.flatMap((action) => keeps(policy, name, table[action], floor, action)),
  );
  return [...kept, ...membershipsOf(floors).flatMap((member) => joins(policy, member))];
}

type Member = Extract<Condition, { readonly kind: "member" }>;

function membershipsOf(floors: readonly { readonly floor: Condition }[]): readonly Member[] {
  const members = floors.flatMap(({ floor }) =>
    partsOf(floor).filter((part): part is Member => part.kind === "member"),
  );
  return [...new Map(members.map((member) => [`${member.table} ${member.subject}`, member])).values()];
}

function keeps(
  policy: Policy,
  name: string,
  condition: Condition,
  floor: Condition,
  action: TableAction,
): readonly Isolation[] {
  if (condition.kind === "nobody") return [];
  const { gained, complete } = compareConditions(
    { meaning: policy, condition: floor },
    { meaning: policy, condition },
    name,
  );
  const path = `tables.${name}.${action}`;
  if (gained !== null) return [{ path, outcome: "floor", witness: gained }];
  return [{ path, outcome: complete ? "proven" : "undecided" }];
}

/** Whoever can write a row that names themselves, while they belong to nothing, belongs to whatever they like. */
function joins(policy: Policy, { table: name, subject }: Member): readonly Isolation[] {
  const table = ownField(policy.tables, name);
  if (table === undefined) return [];
  return (["insert", "update"] as const).flatMap((action) => joinsBy(policy, name, table, subject, action));
}

function joinsBy(
  policy: Policy,
  name: string,
  table: TablePolicy,
  subject: string,
  action: "insert" | "update",
): readonly Isolation[] {
  if (table[action].kind === "nobody" || ownField(table.columns, subject)?.writable !== true) return [];
  const asked: readonly Condition[] = [
    withoutMemberships(table[action]),
    ...(table.within === undefined ? [] : [withoutMemberships(table.within)]),
    { kind: "owner", column: subject },
  ];
  const { gained, complete } = compareConditions(
    { meaning: policy, condition: { kind: "nobody" } },
    { meaning: policy, condition: { kind: "all", of: asked } },
    name,
  );
  const path = `tables.${name}.${action}`;
  if (gained !== null) return [{ path, outcome: "open", witness: gained }];
  return [{ path, outcome: complete ? "proven" : "undecided" }];
}

/** What is left of a condition for somebody who belongs to nothing: a membership is then false, or unknown where its column is null. */
function withoutMemberships(condition: Condition): Condition {
  switch (condition.kind) {
    case "member":
      return { kind: "nobody" };
    case "all":
    case "any":
      return { kind: condition.kind, of: condition.of.map(withoutMemberships) };
    case "not":
      return { kind: "not", of: withoutMemberships(condition.of) };
    default:
      return condition;
  }
}
