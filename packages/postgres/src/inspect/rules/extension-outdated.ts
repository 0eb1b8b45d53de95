import { type CatalogRule, text } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const extensionOutdated: CatalogRule = {
  kind: "catalog",
  id: "extension-outdated",
  severity: "warning",
  title: "An extension is older than the version that is installed beside the server",
  why: "An upgrade of the packages mends the library; the SQL objects of the extension are mended only by ALTER EXTENSION.",
  advisor: ["0022"],
  query: `SELECT a.name::text AS object, a.installed_version AS installed, a.default_version AS newest FROM pg_catalog.pg_available_extensions a
    WHERE a.installed_version IS NOT NULL AND a.default_version <> a.installed_version`,
  found: (row) => ({
    object: text(row, "object"),
    found: `It is ${text(row, "installed")}; ${text(row, "newest")} is there.`,
    fix: [`ALTER EXTENSION ${quoted(text(row, "object"))} UPDATE;`],
  }),
};
