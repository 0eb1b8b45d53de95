import { schemaRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const rolePathWritable: CatalogRule = {
  kind: "catalog",
  id: "role-path-writable",
  severity: "warning",
  title: "A search_path kept for a role leads through a schema that requests may write",
  why: "What one request makes there, the next one calls: a table, a function, an operator of a name that something else meant.",
  query: `SELECT coalesce('role ' || r.rolname, 'every role') || coalesce(' in database ' || d.datname, '') AS object, r.rolname::text AS role, d.datname::text AS database, path.schemas
    FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase, LATERAL (
      SELECT ARRAY(SELECT DISTINCT n.nspname::text FROM unnest(s.setconfig) c, regexp_split_to_table(substring(c FROM '^search_path=(.*)$'), '\\s*,\\s*') part
        JOIN pg_catalog.pg_namespace n ON n.nspname = trim(both '"' FROM part) WHERE cardinality(${schemaRoles("CREATE", "n.oid")}) > 0 ORDER BY 1) AS schemas) path
    WHERE (s.setdatabase = 0 OR d.datname = pg_catalog.current_database()) AND cardinality(path.schemas) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `Its path leads through ${list(texts(row, "schemas"))}.`,
    fix: texts(row, "schemas").map((schema) => `REVOKE CREATE ON SCHEMA ${quoted(schema)} FROM PUBLIC;`),
  }),
};
