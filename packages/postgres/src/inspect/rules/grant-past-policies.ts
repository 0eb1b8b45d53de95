import { columnRoles, RELATIONS, relationRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees } from "../rule/subject.ts";

export const grantPastPolicies: CatalogRule = {
  kind: "catalog",
  id: "grant-past-policies",
  severity: "error",
  title: "Requests hold TRUNCATE, REFERENCES or TRIGGER on a table",
  why: "TRUNCATE empties the table whatever its policies say, REFERENCES tells which keys exist, and a trigger runs code as whoever writes next.",
  query: `${RELATIONS} SELECT object, held.truncate, held.reference, held.trigger FROM relations r, LATERAL (
      SELECT ${relationRoles("TRUNCATE")} AS truncate, ${columnRoles("REFERENCES")} AS reference, ${relationRoles("TRIGGER")} AS trigger) held
    WHERE kind IN ('r', 'p', 'f') AND NOT relowner = ANY ($1::oid[]) AND cardinality(held.truncate || held.reference || held.trigger) > 0`,
  found: (row, subject) => {
    const held = (["truncate", "reference", "trigger"] as const).flatMap((column) =>
      texts(row, column).length === 0
        ? []
        : [{ right: column === "reference" ? "REFERENCES" : column.toUpperCase(), roles: texts(row, column) }],
    );
    const [truncates] = held.filter(({ right }) => right === "TRUNCATE");
    return {
      object: text(row, "object"),
      severity: truncates === undefined ? "warning" : "error",
      found: `${held.map(({ right, roles }) => `${list(roles)} may ${right}`).join("; ")}.`,
      ...(truncates === undefined
        ? {}
        : {
            attack: {
              role: attackerOf(subject, truncates.roles) ?? null,
              sql: `TRUNCATE TABLE ${text(row, "object")} CASCADE`,
              shows: "success" as const,
              runs: "writes" as const,
            },
          }),
      fix: held.map(({ right, roles }) => `REVOKE ${right} ON TABLE ${text(row, "object")} FROM ${grantees(roles)};`),
    };
  },
};
