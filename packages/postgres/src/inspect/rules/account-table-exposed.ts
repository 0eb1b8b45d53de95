import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const accountTableExposed: CatalogRule = {
  kind: "catalog",
  id: "account-table-exposed",
  severity: "error",
  title: "A view shows the accounts (auth.users) to requests",
  why: "Addresses, numbers, hashes and metadata of every account are one query away.",
  advisor: ["0002"],
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT")} AS roles) reach
    WHERE kind IN ('v', 'm') AND cardinality(reach.roles) > 0 AND EXISTS (
      SELECT FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
      WHERE w.ev_class = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = (
        SELECT a.oid FROM pg_catalog.pg_class a JOIN pg_catalog.pg_namespace n ON n.oid = a.relnamespace WHERE n.nspname = 'auth' AND a.relname = 'users'))`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may read it.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [`REVOKE ALL ON TABLE ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
