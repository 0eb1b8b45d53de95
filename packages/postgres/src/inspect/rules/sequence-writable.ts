import { RELATIONS, relationRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees, literal } from "../rule/subject.ts";

export const sequenceWritable: CatalogRule = {
  kind: "catalog",
  id: "sequence-writable",
  severity: "note",
  title: "Requests may set a sequence",
  why: "UPDATE on a sequence is setval(): set back, it makes every following insert fail on the primary key.",
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${relationRoles("UPDATE")} AS roles) reach
    WHERE kind = 'S' AND cardinality(reach.roles) > 0 AND NOT relowner = ANY ($1::oid[])`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may set it.`,
    // No rollback takes a sequence back.
    attack: {
      role: attackerOf(subject, texts(row, "roles")) ?? null,
      sql: `SELECT pg_catalog.setval(${literal(text(row, "object"))}, 1)`,
      shows: "success",
      runs: "never",
    },
    fix: [`REVOKE UPDATE ON SEQUENCE ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
