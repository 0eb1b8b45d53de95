import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const foreignKeyOracle: CatalogRule = {
  kind: "catalog",
  id: "foreign-key-oracle",
  severity: "note",
  title: "A foreign key tells which rows of a hidden table exist",
  why: "The key is checked past the policies: 23503 means there is none, success means there is one the writer cannot see, and may now refer to.",
  query: `${RELATIONS} SELECT r.object || ' (' || k.conname || ')' AS object, p.object AS parent, reach.roles, k.conname::text AS name, keys.type
    FROM relations r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.contype = 'f' AND k.conparentid = 0 JOIN relations p ON p.oid = k.confrelid, LATERAL (
      SELECT ${columnRoles("INSERT, UPDATE")} AS roles) reach, LATERAL (SELECT pg_catalog.format_type(a.atttypid, NULL) AS type FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]) keys
    WHERE p.relrowsecurity AND p.oid <> r.oid AND cardinality(reach.roles) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    severity: /int/.test(text(row, "type")) ? "warning" : "note",
    found: `${list(texts(row, "roles"))} may write it and learn of ${text(row, "parent")}${/int/.test(text(row, "type")) ? ", whose keys can be counted through" : ""}.`,
    fix: [
      "-- Let the policy for INSERT and UPDATE ask for a tie to the parent: WITH CHECK (parent_id = ANY (ARRAY(SELECT …))).",
    ],
  }),
};
