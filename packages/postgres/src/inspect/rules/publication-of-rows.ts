import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const publicationOfRows: CatalogRule = {
  kind: "catalog",
  id: "publication-of-rows",
  severity: "note",
  title: "A table with row level security is published",
  why: "Logical replication and whoever listens to it gets every row: no policy is asked there.",
  query: `${RELATIONS} SELECT object, published.names FROM relations r, LATERAL (
      SELECT ARRAY(SELECT p.pubname::text FROM pg_catalog.pg_publication_tables p WHERE p.schemaname = r.schema AND p.tablename = r.name ORDER BY 1) AS names) published
    WHERE kind IN ('r', 'p') AND relrowsecurity AND EXISTS (SELECT FROM pg_catalog.pg_publication) AND cardinality(published.names) > 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: `It is in ${list(texts(row, "names"))}.`,
    fix: texts(row, "names").map((name) => `ALTER PUBLICATION ${quoted(name)} DROP TABLE ${text(row, "object")};`),
  }),
};
