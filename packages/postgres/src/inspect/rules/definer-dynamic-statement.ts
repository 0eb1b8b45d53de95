import { FUNCTIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

/** Reads the function's text, so it says "may": what is concatenated might be a constant. */
export const definerDynamicStatement: CatalogRule = {
  kind: "catalog",
  id: "definer-dynamic-statement",
  severity: "warning",
  title: "A SECURITY DEFINER function builds a statement out of texts",
  why: "EXECUTE of concatenated text is SQL injection with the owner's rights wherever one of the texts is a caller's.",
  query: `${FUNCTIONS} SELECT object, pg_catalog.pg_get_userbyid(proowner)::text AS owner FROM functions f
    JOIN pg_catalog.pg_language l ON l.oid = f.prolang
    WHERE prosecdef AND l.lanname = 'plpgsql' AND EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.oid = f.oid AND p.pronargs > 0)
      AND regexp_replace(prosrc, '--[^\\n]*', '', 'g') ~* '\\mexecute\\M[^;]*(\\|\\||%s)'
      AND regexp_replace(prosrc, '--[^\\n]*', '', 'g') !~* '\\mexecute\\M[^;]*(quote_ident|quote_literal|quote_nullable)'`,
  found: (row) => ({
    object: text(row, "object"),
    found: `It runs texts it puts together as ${text(row, "owner")}.`,
    fix: ["-- EXECUTE format('… %I …', name) USING value: identifiers by %I, values as parameters."],
  }),
};
