import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

export const typeBlocksUpgrade: CatalogRule = {
  kind: "catalog",
  id: "type-blocks-upgrade",
  severity: "note",
  title: "A column has a type that pg_upgrade refuses",
  why: "Types that name objects by number (regclass is allowed, most others are not) keep the server at its major version, and so from its fixes.",
  advisor: ["0018"],
  query: `${RELATIONS} SELECT r.object || '.' || format('%I', a.attname) AS object, r.object AS relation, format('%I', a.attname) AS name, t.typname::text AS type FROM relations r
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE r.kind IN ('r', 'p', 'm') AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
      AND t.typname IN ('regcollation', 'regconfig', 'regdictionary', 'regnamespace', 'regoper', 'regoperator', 'regproc', 'regprocedure')`,
  found: (row) => ({
    object: text(row, "object"),
    found: `Its type is ${text(row, "type")}.`,
    fix: [`ALTER TABLE ${text(row, "relation")} ALTER COLUMN ${text(row, "name")} TYPE text;`],
  }),
};
