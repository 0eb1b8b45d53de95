import { RELATIONS, relationRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const cascadePastPolicies: CatalogRule = {
  kind: "catalog",
  id: "cascade-past-policies",
  severity: "note",
  title: "A delete cascades into rows its author cannot see",
  why: "ON DELETE CASCADE asks no policy: who may delete the parent deletes other people's children with it.",
  query: `${RELATIONS} SELECT p.object || ' (' || k.conname || ')' AS object, r.object AS child, reach.roles FROM relations p
      JOIN pg_catalog.pg_constraint k ON k.confrelid = p.oid AND k.contype = 'f' AND k.conparentid = 0 AND k.confdeltype IN ('c', 'n', 'd') JOIN relations r ON r.oid = k.conrelid,
      LATERAL (SELECT ${relationRoles("DELETE", "p")} AS roles) reach
    WHERE r.relrowsecurity AND r.oid <> p.oid AND cardinality(reach.roles) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may delete it, and rows of ${text(row, "child")} with it.`,
    fix: ["-- ON DELETE RESTRICT, unless whoever may delete the parent may delete every child."],
  }),
};
