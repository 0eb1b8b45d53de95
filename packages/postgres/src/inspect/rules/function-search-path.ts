import { FUNCTIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

export const functionSearchPath: CatalogRule = {
  kind: "catalog",
  id: "function-search-path",
  severity: "note",
  title: "A function does not fix its search_path",
  why: "It means what the caller's path makes of it: in a trigger, an index or another's definer function that is somebody else's choice.",
  advisor: ["0011"],
  query: `${FUNCTIONS} SELECT object FROM functions f JOIN pg_catalog.pg_language l ON l.oid = f.prolang
    WHERE NOT prosecdef AND l.lanname IN ('sql', 'plpgsql') AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c ~ '^search_path=')
      AND f.prosrc <> ''`,
  found: (row) => ({
    object: text(row, "object"),
    found: "It runs along the caller's path.",
    fix: [
      `ALTER ROUTINE ${text(row, "object")} SET search_path = '';`,
      "-- and name everything in it with its schema.",
    ],
  }),
};
