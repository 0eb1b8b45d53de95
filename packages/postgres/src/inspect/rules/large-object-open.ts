import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const largeObjectOpen: CatalogRule = {
  kind: "catalog",
  id: "large-object-open",
  severity: "warning",
  title: "Requests may read large objects",
  why: "Large objects know no row level security; their numbers can be counted through.",
  query: `SELECT 'large objects' AS object, max(held.roles) AS roles, count(*) AS count FROM pg_catalog.pg_largeobject_metadata m, LATERAL (
      SELECT ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END
        FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.grantee = ANY ($1::oid[]) ORDER BY 1) AS roles) held
    WHERE cardinality(held.roles) > 0 HAVING count(*) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${text(row, "count")} of them, by ${list(texts(row, "roles"))}.`,
    attack: {
      role: null,
      sql: `SELECT count(*) FROM pg_catalog.pg_largeobject_metadata m, pg_catalog.aclexplode(m.lomacl) a WHERE a.grantee = 0`,
      shows: "rows",
      runs: "reads",
    },
    fix: [
      `DO $$DECLARE each oid; BEGIN FOR each IN SELECT oid FROM pg_catalog.pg_largeobject_metadata LOOP EXECUTE format('REVOKE ALL ON LARGE OBJECT %s FROM ${grantees(texts(row, "roles"))}', each); END LOOP; END$$;`,
    ],
  }),
};
