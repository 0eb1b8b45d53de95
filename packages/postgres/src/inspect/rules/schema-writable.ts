import { SCHEMAS, schemaRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees, quoted } from "../rule/subject.ts";

export const schemaWritable: CatalogRule = {
  kind: "catalog",
  id: "schema-writable",
  severity: "error",
  title: "Requests may make objects in a schema",
  why: "A function or operator made there is called in place of PostgreSQL's by whoever has the schema on the search path: an administrator, a definer function.",
  query: `${SCHEMAS} SELECT format('%I', s.name) AS object, reach.roles FROM own_schemas s, LATERAL (SELECT ${schemaRoles("CREATE", "s.oid")} AS roles) reach
    WHERE cardinality(reach.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may make tables, functions and operators in it.`,
    attack: {
      role: attackerOf(subject, texts(row, "roles")) ?? null,
      sql: `CREATE FUNCTION ${text(row, "object")}.${quoted("lower")}(text) RETURNS text LANGUAGE sql AS 'SELECT $1'`,
      shows: "success",
      runs: "writes",
    },
    fix: [`REVOKE CREATE ON SCHEMA ${text(row, "object")} FROM ${grantees(texts(row, "roles"))};`],
  }),
};
