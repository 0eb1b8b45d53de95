import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

export const noPrimaryKey: CatalogRule = {
  kind: "catalog",
  id: "no-primary-key",
  severity: "note",
  title: "A table has no primary key",
  why: "Its rows have no names: none can be replicated, audited, shared or sealed one by one.",
  advisor: ["0004"],
  query: `${RELATIONS} SELECT object FROM relations r WHERE kind IN ('r', 'p') AND NOT relispartition
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = r.oid AND i.indisprimary)`,
  found: (row) => ({
    object: text(row, "object"),
    found: "Two rows of it may be alike.",
    fix: [`ALTER TABLE ${text(row, "object")} ADD COLUMN id uuid PRIMARY KEY DEFAULT gen_random_uuid();`],
  }),
};
