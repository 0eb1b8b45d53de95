import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees } from "../rule/subject.ts";

export const grantOption: CatalogRule = {
  kind: "catalog",
  id: "grant-option",
  severity: "warning",
  title: "A role that requests run as may hand its rights on",
  why: "WITH GRANT OPTION lets one injected statement open the relation to every role, for good.",
  query: `${RELATIONS} SELECT object, held.roles FROM relations r, LATERAL (
      SELECT ARRAY(SELECT DISTINCT pg_catalog.pg_get_userbyid(a.grantee)::text FROM pg_catalog.aclexplode(r.relacl) a
        WHERE a.is_grantable AND a.grantee = ANY ($1::oid[]) AND a.grantee <> r.relowner AND a.grantee <> 0 ORDER BY 1) AS roles) held
    WHERE kind IN ('r', 'p', 'v', 'm', 'f', 'S') AND cardinality(held.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may grant what they hold.`,
    attack: {
      role: attackerOf(subject, texts(row, "roles")) ?? null,
      sql: `GRANT SELECT ON TABLE ${text(row, "object")} TO PUBLIC`,
      shows: "success",
      runs: "writes",
    },
    fix: [`REVOKE GRANT OPTION FOR ALL ON TABLE ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
