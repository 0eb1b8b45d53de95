import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

/**
 * A view whose owner is no login, is bound by policies and has policies made for it by name was meant so: they ask the claims, not the
 * role. Holdfast's own view, by which policies ask who is there, reads no row of the application.
 */
export const viewOwnerRights: CatalogRule = {
  kind: "catalog",
  id: "view-owner-rights",
  severity: "error",
  title: "A view that requests read runs with its owner's rights",
  why: "The policies of the tables below are asked for the owner, not for the one who reads: usually nothing is filtered.",
  advisor: ["0010"],
  query: `${RELATIONS} SELECT object, pg_catalog.pg_get_userbyid(relowner)::text AS owner, reach.roles
    FROM relations r, LATERAL (SELECT ${columnRoles("SELECT")} AS roles) reach,
      LATERAL (SELECT NOT (a.rolsuper OR a.rolbypassrls OR a.rolcanlogin) AS bound FROM pg_catalog.pg_roles a WHERE a.oid = r.relowner) o
    WHERE kind = 'v' AND cardinality(reach.roles) > 0
      AND NOT (r.oid IS NOT DISTINCT FROM pg_catalog.to_regclass('holdfast.subject') AND pg_catalog.pg_get_userbyid(relowner) = 'holdfast_keeper')
      AND NOT EXISTS (SELECT FROM unnest(r.reloptions) o WHERE o ~* '^security_invoker=(true|on|1|yes|t)$')
      AND EXISTS (SELECT FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
        JOIN pg_catalog.pg_class b ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND b.oid = d.refobjid
        WHERE w.ev_class = r.oid AND b.oid <> r.oid AND b.relkind IN ('r', 'p', 'v', 'm', 'f') AND b.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace
          AND NOT (o.bound AND b.relkind IN ('r', 'p') AND b.relrowsecurity AND b.relowner <> r.relowner
            AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = b.oid AND r.relowner = ANY (p.polroles))))`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `It reads as ${text(row, "owner")}, and ${list(texts(row, "roles"))} may read it.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [`ALTER VIEW ${text(row, "object")} SET (security_invoker = true);`],
  }),
};
