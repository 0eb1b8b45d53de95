import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import type { CatalogRule } from "../rule/rule.ts";
import { list, text, texts } from "../rule/rule.ts";

export const rowSecurityOff: CatalogRule = {
  kind: "catalog",
  id: "row-security-off",
  severity: "error",
  title: "A table that requests reach has no row level security",
  why: "Whoever has the right reads or writes every row of every tenant; nothing below the application asks whose it is.",
  advisor: ["0013"],
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT, INSERT, UPDATE")} AS roles) reach
    WHERE kind IN ('r', 'p') AND NOT relispartition AND NOT relrowsecurity AND cardinality(reach.roles) > 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid)`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may use it, and every row with it.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [
      `ALTER TABLE ${text(row, "object")} ENABLE ROW LEVEL SECURITY;`,
      `ALTER TABLE ${text(row, "object")} FORCE ROW LEVEL SECURITY;`,
      "-- Then a policy for each action somebody needs: without one nobody gets a row.",
    ],
  }),
};
