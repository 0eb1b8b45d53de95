import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

export const rowSecurityNotForced: CatalogRule = {
  kind: "catalog",
  id: "row-security-not-forced",
  severity: "warning",
  title: "Row level security does not bind the table's owner",
  why: "Whatever runs as the owner (the application itself, its functions and views) passes every policy without a word.",
  query: `${RELATIONS} SELECT object, o.rolname::text AS owner FROM relations r JOIN pg_catalog.pg_roles o ON o.oid = r.relowner
    WHERE kind IN ('r', 'p') AND relrowsecurity AND NOT relforcerowsecurity AND NOT o.rolsuper AND NOT o.rolbypassrls`,
  found: (row) => ({
    object: text(row, "object"),
    found: `Its owner ${text(row, "owner")} passes its policies.`,
    attack: {
      role: text(row, "owner"),
      sql: `SELECT count(*) FROM ${text(row, "object")}`,
      shows: "rows",
      runs: "reads",
    },
    fix: [`ALTER TABLE ${text(row, "object")} FORCE ROW LEVEL SECURITY;`],
  }),
};
