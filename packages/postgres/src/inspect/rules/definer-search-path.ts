import { FUNCTIONS, functionRoles } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf } from "../rule/subject.ts";

/** CVE-2018-1058 is the general case. */
export const definerSearchPath: CatalogRule = {
  kind: "catalog",
  id: "definer-search-path",
  severity: "error",
  title: "A SECURITY DEFINER function does not fix its search_path",
  why: "Its caller chooses the path, puts a table or function of their own before the one that is meant, and it runs with the owner's rights.",
  advisor: ["0011"],
  query: `${FUNCTIONS} SELECT object, pg_catalog.pg_get_userbyid(proowner)::text AS owner, f.prokind::text AS kind, reach.roles
    FROM functions f, LATERAL (SELECT ${functionRoles()} AS roles) reach
    WHERE prosecdef AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c ~ '^search_path=')`,
  found: (row, subject) => ({
    object: text(row, "object"),
    severity: texts(row, "roles").length > 0 ? "error" : "warning",
    found: `It runs as ${text(row, "owner")} along the caller's path${texts(row, "roles").length > 0 ? `; ${list(texts(row, "roles"))} may call it` : ""}.`,
    attack: {
      role: attackerOf(subject, texts(row, "roles")) ?? null,
      // A table or function of the right name in a schema of the caller's own comes first on it.
      settings: { search_path: "pg_temp, public" },
      sql: `SELECT ${text(row, "object").replace(/\(.*\)$/, "(…)")}`,
      shows: "success",
      runs: "never",
    },
    fix: [
      `ALTER ROUTINE ${text(row, "object")} SET search_path = '';`,
      "-- and name every table and function in it with its schema.",
    ],
  }),
};
