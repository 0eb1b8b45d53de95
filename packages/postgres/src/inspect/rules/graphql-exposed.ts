import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const graphqlExposed: CatalogRule = {
  kind: "catalog",
  id: "graphql-exposed",
  severity: "note",
  title: "Tables are in the GraphQL schema of whoever asks",
  why: "pg_graphql shows the names and types of all that a role may select, to somebody who is not signed in as well.",
  advisor: ["0026", "0027"],
  query: `${RELATIONS} SELECT 'pg_graphql' AS object, count(*) AS count, array_agg(DISTINCT each) AS roles FROM relations r, LATERAL unnest(${columnRoles("SELECT")}) each
    WHERE kind IN ('r', 'p', 'v', 'm', 'f') AND EXISTS (SELECT FROM pg_catalog.pg_namespace n, unnest($1::oid[]) role WHERE n.nspname = 'graphql_public' AND pg_catalog.has_schema_privilege(role, n.oid, 'USAGE')) HAVING count(*) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${text(row, "count")} relations, for ${list(texts(row, "roles"))}.`,
    fix: [`REVOKE ALL ON SCHEMA graphql_public FROM ${grantees([...new Set(["PUBLIC", ...texts(row, "roles")])])};`],
  }),
};
