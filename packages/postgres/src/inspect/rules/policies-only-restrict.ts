import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const policiesOnlyRestrict: CatalogRule = {
  kind: "catalog",
  id: "policies-only-restrict",
  severity: "note",
  title: "A table has restrictive policies only",
  why: "Restrictive policies take away; without a permissive one there is nothing to take from, and nobody gets a row.",
  query: `${RELATIONS} SELECT object, held.names FROM relations r, LATERAL (SELECT ARRAY(SELECT p.polname::text FROM pg_catalog.pg_policy p
      WHERE p.polrelid = r.oid AND NOT p.polpermissive ORDER BY 1) AS names) held
    WHERE kind IN ('r', 'p') AND relrowsecurity AND cardinality(held.names) > 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid AND p.polpermissive)`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "names"))} restrict, and nothing permits.`,
    fix: [`-- CREATE POLICY … ON ${text(row, "object")} AS PERMISSIVE …;`],
  }),
};
