// Judges the shape of a plan for a table under its policies: does an index find the rows, or is every row asked?

/** A node of EXPLAIN (FORMAT JSON). */
export interface Plan {
  readonly "Node Type": string;
  readonly "Parent Relationship"?: string;
  readonly "Subplan Name"?: string;
  readonly Filter?: string;
  readonly "Index Cond"?: string;
  readonly "Recheck Cond"?: string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly Plan[];
}

const SUBPLAN = /\b(?:hashed )?SubPlan \d+/;
/** `schema.function(` or `function(` where the result depends on the row: as EXPLAIN VERBOSE prints calls. */
const CALL = /(?<![\w.:"])((?:"[^"]+"|[a-z_][\w$]*)\.)?("[^"]+"|[a-z_][\w$]*)\(/g;
/** Words before a parenthesis that are no functions, and functions that cost nothing. */
const NO_CALLS = new Set([
  "and",
  "or",
  "not",
  "any",
  "all",
  "in",
  "is",
  "array",
  "row",
  "case",
  "when",
  "then",
  "else",
  "coalesce",
  "now",
  "nullif",
]);

/** What is wrong with the plan, in words; empty where an index finds the rows, or every row is open. */
export function faultsOf(plan: Plan): readonly string[] {
  const faults: string[] = [];
  for (const node of scansOf(plan)) {
    const filter = node.Filter ?? "";
    if (SUBPLAN.test(filter))
      faults.push("a subquery is asked for each row (SubPlan), where an array would be an index condition");
    const calls = callsIn(filter);
    if (calls.length > 0) faults.push(`${calls.join(", ")} ${calls.length === 1 ? "is" : "are"} called for each row`);
    if (node["Node Type"] === "Seq Scan" && filter !== "" && !isConstant(filter))
      faults.push("every row is read and then filtered: no index serves the condition");
  }
  return [...new Set(faults)];
}

/** The scans of the table itself, not those of subqueries that run once or are told apart anyhow. */
function scansOf(plan: Plan): readonly Plan[] {
  const own = plan["Relation Name"] === undefined && plan.Filter === undefined ? [] : [plan];
  const below = (plan.Plans ?? []).filter(
    (child) => !["InitPlan", "SubPlan"].includes(child["Parent Relationship"] ?? ""),
  );
  return [...own, ...below.flatMap(scansOf)];
}

/** A condition without a column: it is worked out once and opens or closes the table as a whole. */
const isConstant = (filter: string): boolean =>
  /^\(?(?:InitPlan \d+\)?\.col\d+|\$\d+|true|false)\)?$/.test(filter.trim());

function callsIn(filter: string): readonly string[] {
  const withoutTexts = filter
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/\((?:hashed )?(?:InitPlan|SubPlan) \d+\)/g, "");
  const names = [...withoutTexts.matchAll(CALL)].map(([, schema = "", name = ""]) => `${schema}${name}`);
  return [...new Set(names.filter((name) => !NO_CALLS.has(name.toLowerCase()) && !name.startsWith("pg_catalog.")))].map(
    (name) => `${name}()`,
  );
}

/** The plan as people read it. */
export function planLines(plan: Plan, depth = 0): readonly string[] {
  const indent = "  ".repeat(depth);
  const name = [
    plan["Subplan Name"],
    plan["Node Type"],
    plan["Relation Name"] && `on ${plan["Relation Name"]}`,
    plan["Index Name"] && `using ${plan["Index Name"]}`,
  ];
  const lines = [`${indent}${name.filter((part) => part !== undefined).join(" ")}`];
  for (const key of ["Index Cond", "Recheck Cond", "Filter"] as const)
    if (plan[key] !== undefined) lines.push(`${indent}  ${key}: ${plan[key]}`);
  return [...lines, ...(plan.Plans ?? []).flatMap((child) => planLines(child, depth + 1))];
}
