import { type CatalogRule, text } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const loginMayMakeRoles: CatalogRule = {
  kind: "catalog",
  id: "login-may-make-roles",
  severity: "note",
  title: "A role that logs in may make roles",
  why: "Before PostgreSQL 16 CREATEROLE becomes almost any role; since then it becomes every role it made, and sets their passwords.",
  query: `SELECT r.rolname::text AS object FROM pg_catalog.pg_roles r
    WHERE r.rolcanlogin AND r.rolcreaterole AND NOT r.rolsuper AND r.rolname !~ '^(pg_|rds|azure|cloudsql|supabase_)'`,
  found: (row) => ({
    object: text(row, "object"),
    found: "It has CREATEROLE.",
    fix: [`ALTER ROLE ${quoted(text(row, "object"))} NOCREATEROLE;`],
  }),
};
