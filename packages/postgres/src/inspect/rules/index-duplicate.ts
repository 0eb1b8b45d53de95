import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const indexDuplicate: CatalogRule = {
  kind: "catalog",
  id: "index-duplicate",
  severity: "note",
  title: "Two indexes are the same",
  why: "Every write keeps both.",
  advisor: ["0009"],
  query: `${RELATIONS} SELECT r.object, array_agg(i.indexrelid::pg_catalog.regclass::text ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indexrelid) AS indexes
    FROM relations r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indisvalid AND NOT i.indisexclusion
    GROUP BY r.object, c.relam, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text, coalesce(i.indexprs::text, ''), coalesce(i.indpred::text, '')
    HAVING count(*) > 1`,
  found: (row) => {
    const [, ...others] = texts(row, "indexes");
    return {
      object: text(row, "object"),
      found: `${list(texts(row, "indexes"))} are alike.`,
      fix: others.map((name) => `DROP INDEX CONCURRENTLY ${name};`),
    };
  },
};
