import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const partitionExposed: CatalogRule = {
  kind: "catalog",
  id: "partition-exposed",
  severity: "error",
  title: "A partition or child can be read past its parent's policies",
  why: "Policies are asked of the table that a statement names. Read by its own name, the child has its own rights and its own policies, or none.",
  query: `${RELATIONS} SELECT r.object, p.object AS parent, reach.roles FROM relations r
      JOIN pg_catalog.pg_inherits i ON i.inhrelid = r.oid JOIN relations p ON p.oid = i.inhparent,
      LATERAL (SELECT ${columnRoles("SELECT, INSERT, UPDATE")} AS roles) reach
    WHERE r.kind IN ('r', 'p', 'f') AND NOT r.relrowsecurity AND cardinality(reach.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may use it by its own name, without the policies of ${text(row, "parent")}.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [`REVOKE ALL ON TABLE ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
