// A condition in the words an author writes it in, for documents, the console and differences.
import type { Comparison, Condition, Scalar } from "./condition.ts";

const comparisonWords: Readonly<Record<Comparison, string>> = {
  eq: "is",
  ne: "isNot",
  lt: "isLessThan",
  le: "isAtMost",
  gt: "isMoreThan",
  ge: "isAtLeast",
};

/** For example `any(owner("owner_id"), column("status").is("published"))`. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case "anyone":
    case "nobody":
    case "signedIn":
    case "service":
      return `${condition.kind}()`;
    case "role":
      return `role(${quote(condition.role)})`;
    case "assurance":
      return `${condition.level}()`;
    case "owner":
      return `owner(${quote(condition.column)})`;
    case "compare":
      return `column(${quote(condition.column)}).${comparisonWords[condition.operator]}(${quote(condition.value)})`;
    case "oneOf":
      return `column(${quote(condition.column)}).isOneOf(${condition.values.map(quote).join(", ")})`;
    case "isNull":
      return `column(${quote(condition.column)}).isNull()`;
    case "time":
      return `column(${quote(condition.column)}).${condition.is === "future" ? "isFuture" : "isPast"}()`;
    case "member":
      return memberText(condition);
    case "all":
    case "any":
      return `${condition.kind}(${condition.of.map(conditionText).join(", ")})`;
    case "not":
      return `not(${conditionText(condition.of)})`;
  }
}

function memberText({ kind: _kind, where, ...rest }: Extract<Condition, { readonly kind: "member" }>): string {
  const parts = (["column", "table", "group", "subject", "until"] as const).flatMap((key) => {
    const name = rest[key];
    return name === undefined ? [] : [`${key}: ${quote(name)}`];
  });
  if (where !== undefined)
    parts.push(`where: { column: ${quote(where.column)}, values: [${where.values.map(quote).join(", ")}] }`);
  return `member({ ${parts.join(", ")} })`;
}

function quote(value: Scalar): string {
  return JSON.stringify(value);
}
