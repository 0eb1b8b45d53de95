import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const policiesMissSelect: CatalogRule = {
  kind: "catalog",
  id: "policies-miss-select",
  severity: "warning",
  title: "A table has policies to change rows, and none to read them",
  why: "UPDATE and DELETE with a WHERE find no row, INSERT … RETURNING is refused; an UPDATE without a WHERE changes everything its policy allows.",
  query: `${RELATIONS} SELECT object, held.names FROM relations r, LATERAL (SELECT ARRAY(SELECT p.polname::text FROM pg_catalog.pg_policy p
      WHERE p.polrelid = r.oid AND p.polcmd IN ('w', 'd') AND p.polpermissive ORDER BY 1) AS names) held
    WHERE kind IN ('r', 'p') AND relrowsecurity AND cardinality(held.names) > 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid AND p.polcmd IN ('r', '*') AND p.polpermissive)`,
  found: (row) => ({
    object: text(row, "object"),
    found: `There are ${list(texts(row, "names"))}, and nothing for SELECT.`,
    fix: [`-- CREATE POLICY … ON ${text(row, "object")} FOR SELECT TO … USING (the same condition);`],
  }),
};
