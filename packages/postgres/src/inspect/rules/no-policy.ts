import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees } from "../rule/subject.ts";

export const noPolicy: CatalogRule = {
  kind: "catalog",
  id: "no-policy",
  severity: "note",
  title: "A table has row level security, rights for requests, and no policy",
  why: "Nobody gets a row. Either the rights are left over, or a policy was forgotten and somebody will switch row level security off to make it work.",
  advisor: ["0008"],
  query: `${RELATIONS} SELECT object, reach.roles FROM relations r, LATERAL (SELECT ${columnRoles("SELECT, INSERT, UPDATE")} AS roles) reach
    WHERE kind IN ('r', 'p') AND relrowsecurity AND cardinality(reach.roles) > 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = r.oid)`,
  found: (row, subject) => {
    const roles = texts(row, "roles");
    return {
      object: text(row, "object"),
      found: `${list(roles)} may use it, and gets nothing.`,
      attack: {
        role: attackerOf(subject, roles) ?? null,
        sql: `SELECT count(*) = 0 FROM ${text(row, "object")}`,
        shows: "rows",
        runs: "reads",
      },
      fix: [`REVOKE ALL ON TABLE ${text(row, "object")} FROM ${grantees(roles)};`, "-- or the policy that was meant."],
    };
  },
};
