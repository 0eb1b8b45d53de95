import { RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, text } from "../rule/rule.ts";

export const ownerIsRequestRole: CatalogRule = {
  kind: "catalog",
  id: "owner-is-request-role",
  severity: "error",
  title: "A role that requests run as owns a relation",
  why: "An owner switches row level security off, and gives itself every right, with one statement: an injected one as well.",
  query: `${RELATIONS} SELECT object, kind::text AS kind, relrowsecurity, pg_catalog.pg_get_userbyid(relowner)::text AS owner FROM relations r
    WHERE kind IN ('r', 'p', 'v', 'm', 'f') AND relowner = ANY ($1::oid[])`,
  found: (row) => ({
    object: text(row, "object"),
    found: `${text(row, "owner")} owns it.`,
    attack: {
      role: text(row, "owner"),
      sql: ["r", "p"].includes(text(row, "kind"))
        ? `ALTER TABLE ${text(row, "object")} DISABLE ROW LEVEL SECURITY`
        : `GRANT ALL ON TABLE ${text(row, "object")} TO PUBLIC`,
      shows: "success",
      runs: "writes",
    },
    fix: [
      "-- A role that cannot log in and that nobody is a member of:",
      `-- ALTER TABLE ${text(row, "object")} OWNER TO …;`,
    ],
  }),
};
