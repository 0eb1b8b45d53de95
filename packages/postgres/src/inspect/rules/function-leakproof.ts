import { FUNCTIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

export const functionLeakproof: CatalogRule = {
  kind: "catalog",
  id: "function-leakproof",
  severity: "error",
  title: "A function is marked LEAKPROOF",
  why: "PostgreSQL may then show it rows before the policy has been asked. If it tells anything of its argument, by an error or a log line, it tells of every row.",
  query: `${FUNCTIONS} SELECT object FROM functions f WHERE proleakproof`,
  found: (row) => ({
    object: text(row, "object"),
    found: "It may run before policies.",
    fix: [`ALTER FUNCTION ${text(row, "object")} NOT LEAKPROOF;`],
  }),
};
