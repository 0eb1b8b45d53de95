import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const foreignKeyUnindexed: CatalogRule = {
  kind: "catalog",
  id: "foreign-key-unindexed",
  severity: "note",
  title: "A foreign key has no index",
  why: "Every delete or change of a parent reads the whole child, and holds its lock meanwhile.",
  advisor: ["0001"],
  query: `${RELATIONS} SELECT r.object || ' (' || k.conname || ')' AS object, r.object AS relation, keys.names FROM relations r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.contype = 'f',
      LATERAL (SELECT ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = u.number ORDER BY u.place) AS names) keys
    WHERE k.conparentid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = r.oid AND i.indisvalid AND i.indpred IS NULL
      AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey AND k.conkey @> (i.indkey::int2[])[0:cardinality(k.conkey) - 1])`,
  found: (row) => ({
    object: text(row, "object"),
    found: `No index begins with ${list(texts(row, "names"))}.`,
    fix: [`CREATE INDEX CONCURRENTLY ON ${text(row, "relation")} (${texts(row, "names").map(quoted).join(", ")});`],
  }),
};
