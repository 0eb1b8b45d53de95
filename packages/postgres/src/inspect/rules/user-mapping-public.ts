import { type CatalogRule, text } from "../rule/rule.ts";

export const userMappingPublic: CatalogRule = {
  kind: "catalog",
  id: "user-mapping-public",
  severity: "warning",
  title: "A foreign server has a user mapping for PUBLIC",
  why: "Whoever may use the server is somebody there, with a password they never knew.",
  query: `SELECT format('%I', s.srvname) AS object FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid WHERE m.umuser = 0`,
  found: (row) => ({
    object: text(row, "object"),
    found: "Every role there is maps to one user of the other side.",
    fix: [`DROP USER MAPPING FOR PUBLIC SERVER ${text(row, "object")};`, "-- and one for each role that needs it."],
  }),
};
