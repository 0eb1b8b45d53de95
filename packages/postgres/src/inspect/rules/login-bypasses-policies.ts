import { type CatalogRule, text } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const loginBypassesPolicies: CatalogRule = {
  kind: "catalog",
  id: "login-bypasses-policies",
  severity: "warning",
  title: "A role that logs in is bound by no policy",
  why: "Whoever has its password, or a statement injected into what runs as it, reads every row of every table. A superuser runs programs as well.",
  query: `SELECT r.rolname::text AS object, r.rolsuper AS superuser FROM pg_catalog.pg_roles r
    WHERE r.rolcanlogin AND (r.rolsuper OR r.rolbypassrls) AND r.oid <> 10 AND r.rolname !~ '^(pg_|rds|azure|cloudsql|supabase_)'`,
  found: (row) => ({
    object: text(row, "object"),
    found: row["superuser"] === true ? "It is a superuser." : "It has BYPASSRLS.",
    fix: [
      row["superuser"] === true
        ? `ALTER ROLE ${quoted(text(row, "object"))} NOSUPERUSER;`
        : `ALTER ROLE ${quoted(text(row, "object"))} NOBYPASSRLS;`,
    ],
  }),
};
