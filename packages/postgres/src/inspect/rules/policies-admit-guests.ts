import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const policiesAdmitGuests: CatalogRule = {
  kind: "catalog",
  id: "policies-admit-guests",
  severity: "note",
  title: "Policies for signed-in people hold for anonymous accounts as well",
  why: "With anonymous sign-in anybody becomes `authenticated` without an address; only the claim is_anonymous tells.",
  advisor: ["0012"],
  needs: ["auth.users"],
  query: `${RELATIONS} SELECT object, held.names FROM relations r, LATERAL (SELECT ARRAY(SELECT p.polname::text FROM pg_catalog.pg_policy p
      WHERE p.polrelid = r.oid AND p.polpermissive AND p.polroles && ARRAY[0, coalesce(pg_catalog.to_regrole('authenticated')::oid, 0)]::oid[]
        AND coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '') || coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '') !~ 'is_anonymous' ORDER BY 1) AS names) held
    WHERE kind IN ('r', 'p') AND relrowsecurity AND cardinality(held.names) > 0
      AND EXISTS (SELECT FROM auth.users u WHERE to_jsonb(u) ->> 'is_anonymous' = 'true')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid AND NOT p.polpermissive AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) ~ 'is_anonymous')`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "names"))} do not ask, and there are anonymous accounts.`,
    fix: [
      `CREATE POLICY no_guests ON ${text(row, "object")} AS RESTRICTIVE TO authenticated USING (coalesce(((SELECT auth.jwt()) ->> 'is_anonymous')::boolean, false) = false);`,
    ],
  }),
};
