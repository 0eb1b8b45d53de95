import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantee, quoted } from "../rule/subject.ts";

export const columnGrantVoid: CatalogRule = {
  kind: "catalog",
  id: "column-grant-void",
  severity: "warning",
  title: "Rights to some columns stand beside the same right to the whole table",
  why: "The right to the table includes every column, also those somebody meant to leave out and those added later.",
  query: `${RELATIONS} SELECT r.object || ' for ' || g.role || ', ' || g.right AS object, r.object AS relation, g.role, g.right, g.columns FROM relations r, LATERAL (
      SELECT CASE c.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(c.grantee)::text END AS role, c.privilege_type AS right,
        array_agg(a.attname::text ORDER BY a.attnum) AS columns
      FROM pg_catalog.pg_attribute a, pg_catalog.aclexplode(a.attacl) c
      WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.grantee <> r.relowner
        AND EXISTS (SELECT FROM pg_catalog.aclexplode(r.relacl) t WHERE t.grantee = c.grantee AND t.privilege_type = c.privilege_type)
      GROUP BY c.grantee, c.privilege_type) g
    WHERE kind IN ('r', 'p', 'v', 'm', 'f')`,
  found: (row) => {
    const [relation, role, right] = [text(row, "relation"), text(row, "role"), text(row, "right")];
    return {
      object: text(row, "object"),
      found: `${role} was given ${right} on ${list(texts(row, "columns"))}, and on the whole table.`,
      fix: [
        `REVOKE ${right} ON TABLE ${relation} FROM ${grantee(role)};`,
        // Revoking the table's right takes those of its columns along.
        `GRANT ${right} (${texts(row, "columns").map(quoted).join(", ")}) ON TABLE ${relation} TO ${grantee(role)};`,
      ],
    };
  },
};
