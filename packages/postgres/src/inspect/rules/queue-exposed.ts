import { readsAnyRow } from "../rule/attacks.ts";
import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const queueExposed: CatalogRule = {
  kind: "catalog",
  id: "queue-exposed",
  severity: "error",
  title: "A message queue (pgmq) is open to requests",
  why: "Whoever has the right reads, adds and removes everybody's messages.",
  advisor: ["0019"],
  query: `${RELATIONS.replace("<> ALL ($2::text[])", "= 'pgmq'").replaceAll("own_schemas", "queue_schemas")}
    SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT, INSERT, UPDATE")} AS roles) reach
    WHERE kind IN ('r', 'p') AND name ~ '^[qa]_' AND NOT relrowsecurity AND cardinality(reach.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may use it.`,
    ...readsAnyRow(subject, texts(row, "roles"), text(row, "object")),
    fix: [`ALTER TABLE ${text(row, "object")} ENABLE ROW LEVEL SECURITY;`],
  }),
};
