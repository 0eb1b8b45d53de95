import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const rewriteRule: CatalogRule = {
  kind: "catalog",
  id: "rewrite-rule",
  severity: "warning",
  title: "A rule rewrites statements on a table with row level security",
  why: "What a rule adds runs with the rights of the table's owner, and passes the policies with them.",
  query: `${RELATIONS} SELECT object, rules.names FROM relations r, LATERAL (
      SELECT ARRAY(SELECT w.rulename::text FROM pg_catalog.pg_rewrite w WHERE w.ev_class = r.oid ORDER BY 1) AS names) rules
    WHERE kind IN ('r', 'p') AND relrowsecurity AND cardinality(rules.names) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `The rule ${list(texts(row, "names"))} rewrites what is said to it.`,
    fix: texts(row, "names").map((name) => `DROP RULE ${quoted(name)} ON ${text(row, "object")};`),
  }),
};
