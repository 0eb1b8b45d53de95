import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees } from "../rule/subject.ts";

export const foreignTableExposed: CatalogRule = {
  kind: "catalog",
  id: "foreign-table-exposed",
  severity: "error",
  title: "Requests may use a foreign table",
  why: "It has no row level security here, and the other side sees the mapped user, not the person.",
  advisor: ["0017"],
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT, INSERT, UPDATE")} AS roles) reach
    WHERE kind = 'f' AND cardinality(reach.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may use it.`,
    // It reaches another machine: whoever inspects decides whether to run it.
    attack: {
      role: attackerOf(subject, texts(row, "roles")) ?? null,
      sql: `SELECT * FROM ${text(row, "object")} LIMIT 1`,
      shows: "rows",
      runs: "never",
    },
    fix: [`REVOKE ALL ON TABLE ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
