import { FUNCTIONS, schemaRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const definerPathWritable: CatalogRule = {
  kind: "catalog",
  id: "definer-path-writable",
  severity: "error",
  title: "The search_path of a SECURITY DEFINER function leads through a schema that requests may write",
  why: "Whoever makes an object of the right name there has it run with the owner's rights.",
  query: `${FUNCTIONS} SELECT object, pg_catalog.pg_get_userbyid(proowner)::text AS owner, path.schemas FROM functions f, LATERAL (
      SELECT ARRAY(SELECT DISTINCT n.nspname::text FROM unnest(f.proconfig) c, regexp_split_to_table(substring(c FROM '^search_path=(.*)$'), '\\s*,\\s*') part
        JOIN pg_catalog.pg_namespace n ON n.nspname = trim(both '"' FROM part)
        WHERE cardinality(${schemaRoles("CREATE", "n.oid")}) > 0 ORDER BY 1) AS schemas) path
    WHERE prosecdef AND cardinality(path.schemas) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `Requests may make objects in ${list(texts(row, "schemas"))}, where it looks for names as ${text(row, "owner")}.`,
    fix: [`ALTER ROUTINE ${text(row, "object")} SET search_path = '';`],
  }),
};
