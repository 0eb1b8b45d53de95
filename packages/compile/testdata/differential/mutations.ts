// Every way to get one clause of a condition wrong.
import type { Comparison, Condition, Scalar } from "@holdfast/policy";

export interface Mutant {
  readonly what: string;
  readonly condition: Condition;
}

const NEXT_OPERATOR: Readonly<Record<Comparison, Comparison>> = {
  eq: "ne",
  ne: "eq",
  lt: "le",
  le: "lt",
  gt: "ge",
  ge: "gt",
};
const OTHER_OWNER: Readonly<Record<string, string>> = { owner_id: "team_id", team_id: "owner_id" };
const OTHER_ROLE: Readonly<Record<string, string>> = {
  reader: "auditor",
  editor: "reader",
  admin: "editor",
  auditor: "reader",
};

export function mutants(condition: Condition, place = ""): Mutant[] {
  const here = `${place}/${condition.kind}`;
  return [
    ...ownMutants(condition).map(({ what, condition: changed }) => ({ what: `${here}: ${what}`, condition: changed })),
    ...inner(condition, here),
  ];
}

/** The mutants of the parts, each in its place. */
function inner(condition: Condition, place: string): Mutant[] {
  if (condition.kind === "not") {
    return mutants(condition.of, place).map(({ what, condition: of }) => ({ what, condition: { kind: "not", of } }));
  }
  if (condition.kind !== "all" && condition.kind !== "any") return [];
  return condition.of.flatMap((part, index) =>
    mutants(part, `${place}[${index}]`).map(({ what, condition: changed }) => ({
      what,
      condition: { kind: condition.kind, of: condition.of.map((other, at) => (at === index ? changed : other)) },
    })),
  );
}

function ownMutants(condition: Condition): Mutant[] {
  switch (condition.kind) {
    case "anyone":
      return [{ what: "nobody", condition: { kind: "nobody" } }];
    case "nobody":
    case "service":
      return [{ what: "anyone", condition: { kind: "anyone" } }];
    case "signedIn":
    case "assurance":
      return [{ what: "dropped", condition: { kind: "anyone" } }];
    case "role":
      return [{ what: "another role", condition: { kind: "role", role: OTHER_ROLE[condition.role] as string } }];
    case "owner":
      return [
        { what: "another column", condition: { kind: "owner", column: OTHER_OWNER[condition.column] as string } },
      ];
    case "compare":
      return [{ what: "another operator", condition: { ...condition, operator: NEXT_OPERATOR[condition.operator] } }];
    case "oneOf":
      return condition.values.map((value: Scalar) => ({
        what: `without ${value}`,
        condition: { ...condition, values: condition.values.filter((other) => other !== value) },
      }));
    case "isNull":
      return [{ what: "is not null", condition: { kind: "not", of: condition } }];
    case "time":
      return [
        { what: "the other side of now", condition: { ...condition, is: condition.is === "past" ? "future" : "past" } },
      ];
    case "member":
      return memberMutants(condition);
    case "all":
    case "any":
      return [
        {
          what: "all and any exchanged",
          condition: { kind: condition.kind === "all" ? "any" : "all", of: condition.of },
        },
        ...condition.of.map((_, index) => ({
          what: `without part ${index}`,
          condition: { kind: condition.kind, of: condition.of.filter((_part, at) => at !== index) },
        })),
      ];
    case "not":
      return [{ what: "not removed", condition: condition.of }];
  }
}

function memberMutants(condition: Extract<Condition, { kind: "member" }>): Mutant[] {
  const { where, until, ...bare } = condition;
  const found: Mutant[] = [];
  if (where !== undefined)
    found.push({ what: "without where", condition: { ...bare, ...(until === undefined ? {} : { until }) } });
  if (until !== undefined)
    found.push({ what: "without until", condition: { ...bare, ...(where === undefined ? {} : { where }) } });
  return found;
}
