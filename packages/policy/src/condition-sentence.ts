// A condition about a row, in words for whoever reviews who can do what.
import type { Comparison, Condition, Scalar } from "./condition.ts";

const comparisons: Readonly<Record<Comparison, string>> = {
  eq: "is",
  ne: "is not",
  lt: "is less than",
  le: "is at most",
  gt: "is more than",
  ge: "is at least",
};

/** For example `owner_id is their own id, or status is "published"`. */
export function conditionSentence(condition: Condition): string {
  switch (condition.kind) {
    case "anyone":
      return "always";
    case "nobody":
      return "never";
    case "signedIn":
      return "they are signed in";
    case "service":
      return "the service key asks";
    case "role":
      return `they are ${condition.role}`;
    case "assurance":
      return "they have passed a second factor";
    case "owner":
      return `${condition.column} is their own id`;
    case "compare":
      return `${condition.column} ${comparisons[condition.operator]} ${say(condition.value)}`;
    case "oneOf":
      return `${condition.column} is one of ${condition.values.map(say).join(", ")}`;
    case "isNull":
      return `${condition.column} is empty`;
    case "time":
      return `${condition.column} lies in the ${condition.is}`;
    case "member":
      return memberSentence(condition);
    case "all":
      return condition.of.map(nested).join(", and ");
    case "any":
      return condition.of.map(nested).join(", or ");
    case "not":
      return `it is not so that ${nested(condition.of)}`;
  }
}

const nested = (condition: Condition): string =>
  condition.kind === "all" || condition.kind === "any"
    ? `(${conditionSentence(condition)})`
    : conditionSentence(condition);

function memberSentence({ column, table, where, until }: Extract<Condition, { readonly kind: "member" }>): string {
  const as = where === undefined ? "" : ` with ${where.column} ${where.values.map(say).join(" or ")}`;
  const time = until === undefined ? "" : `, until ${until}`;
  return `${table} names them for its ${column}${as}${time}`;
}

const say = (value: Scalar): string => JSON.stringify(value);
