import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const viewLeaksRows: CatalogRule = {
  kind: "catalog",
  id: "view-leaks-rows",
  severity: "warning",
  title: "A view filters rows for its reader, and is no security barrier",
  why: "A reader's own condition may run before the view's: a cheap function that raises an error with the value tells of rows the view hides.",
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT")} AS roles) reach
    WHERE kind = 'v' AND cardinality(reach.roles) > 0 AND pg_catalog.pg_get_viewdef(r.oid) ~* '\\mwhere\\M'
      AND NOT EXISTS (SELECT FROM unnest(r.reloptions) o WHERE o ~* '^(security_barrier|security_invoker)=(true|on|1|yes|t)$')`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may read it with conditions of their own.`,
    fix: [`ALTER VIEW ${text(row, "object")} SET (security_barrier = true);`],
  }),
};
