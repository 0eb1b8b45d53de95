import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const leakyFilter: CatalogRule = {
  kind: "catalog",
  id: "leaky-filter",
  severity: "note",
  title: "An index under row level security cannot be used before the policy",
  why: "Its operator is not leakproof (ILIKE, @@, @>, numeric, enum …), so the policy's rows are fetched first and filtered after: fifty times slower has been measured.",
  query: `${RELATIONS} SELECT i.indexrelid::pg_catalog.regclass::text AS object, r.object AS relation, ops.names FROM relations r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid AND NOT i.indisprimary,
      LATERAL (SELECT ARRAY(SELECT DISTINCT o.oprname::text FROM unnest(i.indclass::oid[]) c(class) JOIN pg_catalog.pg_opclass oc ON oc.oid = c.class
        JOIN pg_catalog.pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amopmethod = oc.opcmethod AND ao.amoplefttype = oc.opcintype AND ao.amoppurpose = 's'
          AND (ao.amoprighttype = ao.amoplefttype OR ao.amopmethod NOT IN (SELECT am.oid FROM pg_catalog.pg_am am WHERE am.amname IN ('btree', 'hash')))
        JOIN pg_catalog.pg_operator o ON o.oid = ao.amopopr JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode WHERE NOT p.proleakproof ORDER BY 1) AS names) ops
    WHERE r.relrowsecurity AND cardinality(ops.names) > 0 AND cardinality(${columnRoles("SELECT")}) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `Under the policies of ${text(row, "relation")} it does not serve ${list(texts(row, "names"))}.`,
    fix: [
      "-- An index for the policy's own column beside it; a search function with the condition inside; never a LEAKPROOF wrapper.",
    ],
  }),
};
