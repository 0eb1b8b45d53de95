import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees, quoted } from "../rule/subject.ts";

const WORDS: Readonly<Record<string, string>> = {
  r: "TABLES",
  S: "SEQUENCES",
  f: "FUNCTIONS",
  T: "TYPES",
  n: "SCHEMAS",
};

export const defaultPrivilegesOpen: CatalogRule = {
  kind: "catalog",
  id: "default-privileges-open",
  severity: "warning",
  title: "Whatever is made later is open to requests by itself",
  why: "A migration that forgets row level security publishes its table the moment it runs.",
  query: `SELECT coalesce(n.nspname::text, 'every schema') || ', ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' ELSE 'functions' END
        || ' made by ' || pg_catalog.pg_get_userbyid(d.defaclrole) AS object,
      n.nspname::text AS schema, d.defaclobjtype::text AS kind, pg_catalog.pg_get_userbyid(d.defaclrole)::text AS maker, held.roles
    FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace, LATERAL (
      SELECT ARRAY(SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END
        FROM pg_catalog.aclexplode(d.defaclacl) a WHERE a.grantee = ANY ($1::oid[]) AND a.grantee <> d.defaclrole ORDER BY 1) AS roles) held
    WHERE d.defaclobjtype IN ('r', 'S', 'f') AND coalesce(n.nspname::text, '') <> ALL ($2::text[]) AND cardinality(held.roles) > 0`,
  found: (row) => {
    const where = row["schema"] === null ? "" : ` IN SCHEMA ${quoted(text(row, "schema"))}`;
    return {
      object: text(row, "object"),
      found: `${list(texts(row, "roles"))} get rights on them.`,
      fix: [
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(text(row, "maker"))}${where} REVOKE ALL ON ${WORDS[text(row, "kind")] ?? "TABLES"} FROM ${grantees(texts(row, "roles"))};`,
      ],
    };
  },
};
