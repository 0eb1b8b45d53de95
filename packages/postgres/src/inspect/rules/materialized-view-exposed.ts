import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const materializedViewExposed: CatalogRule = {
  kind: "catalog",
  id: "materialized-view-exposed",
  severity: "error",
  title: "Requests may read a materialized view",
  why: "It has no row level security: it holds what its owner saw when it was refreshed, for everybody.",
  advisor: ["0016"],
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT")} AS roles) reach
    WHERE kind = 'm' AND cardinality(reach.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may read all of it.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [`REVOKE ALL ON TABLE ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
