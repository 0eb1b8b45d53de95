import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const parameterGranted: CatalogRule = {
  kind: "catalog",
  id: "parameter-granted",
  severity: "error",
  title: "Requests may set a parameter that only superusers may",
  why: "session_replication_role switches triggers and foreign keys off; log and library settings reach further still.",
  needs: ["pg_catalog.pg_parameter_acl"],
  query: `SELECT p.parname AS object, held.roles FROM pg_catalog.pg_parameter_acl p, LATERAL (
      SELECT ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END
        FROM pg_catalog.aclexplode(p.paracl) a WHERE a.grantee = ANY ($1::oid[]) ORDER BY 1) AS roles) held
    WHERE cardinality(held.roles) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may set it.`,
    fix: [`REVOKE ALL ON PARAMETER ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
