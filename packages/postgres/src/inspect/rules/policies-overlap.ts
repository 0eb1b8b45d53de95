import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const policiesOverlap: CatalogRule = {
  kind: "catalog",
  id: "policies-overlap",
  severity: "note",
  title: "Several permissive policies hold for one role and action",
  why: "They are joined by OR: the widest decides, and who reads one of them believes it is the rule.",
  advisor: ["0006"],
  query: `${RELATIONS} SELECT r.object || ' for ' || o.role || ', ' || o.action AS object, o.names FROM relations r, LATERAL (
      SELECT CASE role WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(role)::text END AS role, a.action, array_agg(p.polname::text ORDER BY p.polname) AS names
      FROM pg_catalog.pg_policy p, unnest(p.polroles) role, (VALUES ('SELECT', 'r'), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) AS a(action, letter)
      WHERE p.polrelid = r.oid AND p.polpermissive AND p.polcmd::text IN (a.letter, '*') GROUP BY role, a.action HAVING count(*) > 1) o
    WHERE kind IN ('r', 'p')`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "names"))}.`,
    fix: ["-- One policy with the conditions joined by OR."],
  }),
};
