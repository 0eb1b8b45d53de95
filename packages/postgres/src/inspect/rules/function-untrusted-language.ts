import { FUNCTIONS, functionRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { grantees } from "../rule/subject.ts";

export const functionUntrustedLanguage: CatalogRule = {
  kind: "catalog",
  id: "function-untrusted-language",
  severity: "warning",
  title: "Requests may call a function in a language without a fence",
  why: "C, internal, plpython3u, plperlu and the like reach files, memory and the network as the server's own user.",
  query: `${FUNCTIONS} SELECT object, l.lanname::text AS language, reach.roles FROM functions f JOIN pg_catalog.pg_language l ON l.oid = f.prolang,
      LATERAL (SELECT ${functionRoles()} AS roles) reach
    WHERE NOT l.lanpltrusted AND l.lanname <> 'sql' AND cardinality(reach.roles) > 0
      AND f.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype`,
  found: (row) => ({
    object: text(row, "object"),
    found: `It is written in ${text(row, "language")}, and ${list(texts(row, "roles"))} may call it.`,
    fix: [
      `REVOKE EXECUTE ON ROUTINE ${text(row, "object")} FROM ${grantees([...new Set(["PUBLIC", ...texts(row, "roles")])])};`,
    ],
  }),
};
