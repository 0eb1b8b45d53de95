import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, literal, PUBLIC } from "../rule/subject.ts";

export const grantToPublic: CatalogRule = {
  kind: "catalog",
  id: "grant-to-public",
  severity: "warning",
  title: "PUBLIC holds rights on a relation",
  why: "PUBLIC is every role there is and will be: the next one made for a report or an intern has them too.",
  query: `${RELATIONS} SELECT object, held.rights FROM relations r, LATERAL (
      SELECT ARRAY(SELECT DISTINCT a.privilege_type FROM pg_catalog.aclexplode(r.relacl) a WHERE a.grantee = 0 ORDER BY 1) AS rights) held
    WHERE kind IN ('r', 'p', 'v', 'm', 'f', 'S') AND cardinality(held.rights) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `PUBLIC holds ${list(texts(row, "rights"))}.`,
    attack: {
      role: attackerOf(subject, [PUBLIC]) ?? null,
      sql: `SELECT pg_catalog.has_table_privilege(${literal(text(row, "object"))}, ${literal(texts(row, "rights").join(", "))})`,
      shows: "rows",
      runs: "reads",
    },
    fix: [`REVOKE ALL ON TABLE ${text(row, "object")} FROM PUBLIC;`],
  }),
};
