import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const policiesWithoutRowSecurity: CatalogRule = {
  kind: "catalog",
  id: "policies-without-row-security",
  severity: "error",
  title: "A table has policies, and row level security is off",
  why: "PostgreSQL keeps the policies and does not ask them. The table looks protected and is open.",
  advisor: ["0007"],
  query: `${RELATIONS} SELECT object, reach.roles,
      ARRAY(SELECT p.polname::text FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid ORDER BY 1) AS policies
    FROM relations r, LATERAL (SELECT ${columnRoles("SELECT")} AS roles) reach
    WHERE kind IN ('r', 'p') AND NOT relrowsecurity AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid)`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `The policies ${list(texts(row, "policies"))} are there and are not asked.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [`ALTER TABLE ${text(row, "object")} ENABLE ROW LEVEL SECURITY;`],
  }),
};
