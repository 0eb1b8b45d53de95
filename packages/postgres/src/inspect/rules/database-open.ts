import { rolesWhere } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees, quoted } from "../rule/subject.ts";

export const databaseOpen: CatalogRule = {
  kind: "catalog",
  id: "database-open",
  severity: "note",
  title: "PUBLIC may connect to the database, or requests may make schemas in it",
  why: "Every login of the cluster, also those of other applications, is one step from the data.",
  query: `SELECT d.datname::text AS object, held.connects, held.creates FROM pg_catalog.pg_database d, LATERAL (SELECT
      pg_catalog.has_database_privilege(0::oid, d.oid, 'CONNECT') AS connects, ${rolesWhere("pg_catalog.has_database_privilege(role, d.oid, 'CREATE')")} AS creates) held
    WHERE d.datname = pg_catalog.current_database() AND (held.connects OR cardinality(held.creates) > 0)`,
  found: (row) => ({
    object: text(row, "object"),
    severity: texts(row, "creates").length > 0 ? "error" : "note",
    found: [
      row["connects"] === true ? "Every login may connect." : "",
      texts(row, "creates").length > 0 ? `${list(texts(row, "creates"))} may make schemas.` : "",
    ]
      .filter((part) => part !== "")
      .join(" "),
    fix: [
      `REVOKE CONNECT, TEMPORARY ON DATABASE ${quoted(text(row, "object"))} FROM PUBLIC;`,
      `-- GRANT CONNECT ON DATABASE ${quoted(text(row, "object"))} TO those who should.`,
      ...(texts(row, "creates").length > 0
        ? [`REVOKE CREATE ON DATABASE ${quoted(text(row, "object"))} FROM ${grantees(texts(row, "creates"))};`]
        : []),
    ],
  }),
};
