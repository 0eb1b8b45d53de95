import { columnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";

export const uniqueOracle: CatalogRule = {
  kind: "catalog",
  id: "unique-oracle",
  severity: "note",
  title: "A unique key tells of hidden rows",
  why: "23505, and ON CONFLICT DO NOTHING that writes nothing, say that a row with the value exists, whoever it belongs to.",
  query: `${RELATIONS} SELECT i.indexrelid::pg_catalog.regclass::text AS object, r.object AS relation, keys.names, reach.roles FROM relations r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid AND i.indisunique,
      LATERAL (SELECT array_agg(a.attname::text ORDER BY u.place) AS names, bool_and(a.atttypid IN ('uuid'::pg_catalog.regtype, 'bytea'::pg_catalog.regtype)) AS random, bool_or(a.attidentity <> '' OR d.adbin IS NOT NULL) AS generated
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum = u.number
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum) keys, LATERAL (SELECT ${columnRoles("INSERT, UPDATE")} AS roles) reach
    WHERE r.relrowsecurity AND NOT r.relispartition AND NOT coalesce(keys.random, false) AND NOT (i.indisprimary AND coalesce(keys.generated, false)) AND cardinality(reach.roles) > 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a, unnest(i.indkey::int2[]) u(number) WHERE a.attrelid = r.oid AND a.attnum = u.number AND a.attname ~ '(tenant|team|organi[sz]ation|account|owner|user)_?id$')`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may write ${text(row, "relation")} and try values of ${list(texts(row, "names"))}.`,
    fix: [`-- Let the key begin with the tenant: UNIQUE (tenant_id, ${list(texts(row, "names"))}).`],
  }),
};
