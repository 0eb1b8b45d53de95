import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

const DEAD_MIN = 10_000;

export const deadRows: CatalogRule = {
  kind: "catalog",
  id: "dead-rows",
  severity: "note",
  title: "A table is more dead rows than living ones",
  why: "Every scan reads them; what was deleted, also for a reason of law, is still in the files.",
  advisor: ["0020"],
  query: `${RELATIONS} SELECT object, s.n_dead_tup AS dead, s.n_live_tup AS live FROM relations r JOIN pg_catalog.pg_stat_all_tables s ON s.relid = r.oid
    WHERE s.n_dead_tup > ${DEAD_MIN} AND s.n_dead_tup > s.n_live_tup`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${text(row, "dead")} dead, ${text(row, "live")} living.`,
    fix: [`VACUUM (ANALYZE) ${text(row, "object")};`],
  }),
};
