import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { literal } from "../rule/subject.ts";

export const bypassWithinReach: CatalogRule = {
  kind: "catalog",
  id: "bypass-within-reach",
  severity: "warning",
  title: "A role that logs in for the application may become one that no policy binds",
  why: "SET ROLE needs no password: a second statement smuggled into any query is enough.",
  query: `WITH RECURSIVE membership AS (
      SELECT r.oid AS login, m.roleid AS held FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_auth_members m ON m.member = r.oid
      WHERE r.rolcanlogin AND NOT r.rolsuper AND NOT r.rolbypassrls AND NOT r.rolcreaterole
      UNION SELECT held.login, m.roleid FROM membership held JOIN pg_catalog.pg_auth_members m ON m.member = held.held)
    SELECT pg_catalog.pg_get_userbyid(m.login)::text AS object, array_agg(DISTINCT h.rolname::text) AS roles,
      array_agg(DISTINCT format('REVOKE %I FROM %s;', h.rolname, e.member::pg_catalog.regrole)) AS mends
    FROM membership m JOIN pg_catalog.pg_roles h ON h.oid = m.held AND (h.rolsuper OR h.rolbypassrls)
    JOIN pg_catalog.pg_auth_members e ON e.roleid = h.oid AND (e.member = m.login OR EXISTS (SELECT FROM membership w WHERE w.login = m.login AND w.held = e.member))
    GROUP BY m.login`,
  found: (row) => {
    const [role = ""] = texts(row, "roles");
    return {
      object: text(row, "object"),
      found: `It may become ${list(texts(row, "roles"))}.`,
      attack: {
        role: null,
        sql: `SELECT pg_catalog.pg_has_role(${literal(text(row, "object"))}, ${literal(role)}, 'MEMBER')`,
        shows: "rows",
        runs: "reads",
      },
      fix: texts(row, "mends"),
    };
  },
};
