import { type CatalogRule, text } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const extensionInPublic: CatalogRule = {
  kind: "catalog",
  id: "extension-in-public",
  severity: "note",
  title: "An extension lives in the schema public",
  why: "Its functions stand in the API's schema and on everybody's search path, and take names the application wants.",
  advisor: ["0014"],
  query: `SELECT e.extname::text AS object, e.extrelocatable AS movable FROM pg_catalog.pg_extension e WHERE e.extnamespace = pg_catalog.to_regnamespace('public')`,
  found: (row) => ({
    object: text(row, "object"),
    found: "It was made in public.",
    fix: [
      "CREATE SCHEMA IF NOT EXISTS extensions;",
      row["movable"] === true
        ? `ALTER EXTENSION ${quoted(text(row, "object"))} SET SCHEMA extensions;`
        : `-- It cannot be moved: DROP EXTENSION ${quoted(text(row, "object"))}; CREATE EXTENSION … SCHEMA extensions;`,
    ],
  }),
};
