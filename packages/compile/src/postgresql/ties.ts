// Which columns tie a written row to its writer: they hold the writer's id, one of the writer's groups, or nothing.
// A key on such a column tells nobody about rows of others.
import type { Condition, TablePolicy } from "@holdfast/policy";

/** Every column: what a condition that is never true ties. */
type Ties = ReadonlySet<string> | "every";

function ties(condition: Condition): Ties {
  switch (condition.kind) {
    case "owner":
    case "member":
    case "isNull":
      return new Set([condition.column]);
    case "nobody":
    case "service":
      return "every";
    case "all":
      return condition.of.map(ties).reduce(union, new Set<string>());
    case "any":
      return condition.of.map(ties).reduce(intersection, "every");
    default:
      return new Set();
  }
}

function union(left: Ties, right: Ties): Ties {
  return left === "every" || right === "every" ? "every" : new Set([...left, ...right]);
}

function intersection(left: Ties, right: Ties): Ties {
  if (left === "every") return right;
  return right === "every" ? left : new Set([...left].filter((column) => right.has(column)));
}

/** Columns tied by insert and by update, as far as each is possible at all; sorted. */
export function tiedColumns(table: TablePolicy): readonly string[] {
  const tied = intersection(ties(table.insert), ties(table.update));
  return Object.keys(table.columns)
    .filter((column) => tied === "every" || tied.has(column))
    .sort();
}
