import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

/** As long as the statistics have been counted: a server that was just started has used nothing. */
const SETTLED = "30 days";

export const indexUnused: CatalogRule = {
  kind: "catalog",
  id: "index-unused",
  severity: "note",
  title: "An index has not been used for a month",
  why: "Every write keeps it, every backup carries it.",
  advisor: ["0005"],
  query: `${RELATIONS} SELECT format('%I.%I', s.schemaname, s.indexrelname) AS object, pg_catalog.pg_size_pretty(pg_catalog.pg_relation_size(s.indexrelid)) AS size
    FROM relations r JOIN pg_catalog.pg_stat_user_indexes s ON s.relid = r.oid JOIN pg_catalog.pg_index i ON i.indexrelid = s.indexrelid
    WHERE s.idx_scan = 0 AND NOT i.indisunique AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = s.indexrelid)
      AND pg_catalog.pg_relation_size(s.indexrelid) > 65536
      AND (SELECT coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time()) FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()) < now() - interval '${SETTLED}'`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${text(row, "size")}, read 0 times; replicas may still use it.`,
    fix: [`DROP INDEX CONCURRENTLY ${text(row, "object")};`],
  }),
};
