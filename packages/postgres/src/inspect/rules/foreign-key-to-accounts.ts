import { type CatalogRule, text } from "../rule/rule.ts";

export const foreignKeyToAccounts: CatalogRule = {
  kind: "catalog",
  id: "foreign-key-to-accounts",
  severity: "note",
  title: "A foreign key refers to the accounts by something else than their key",
  why: "Unique columns of the schema auth belong to the identity service, and go when it is upgraded.",
  advisor: ["0021"],
  query: `SELECT k.conrelid::pg_catalog.regclass::text || ' (' || k.conname || ')' AS object, k.conrelid::pg_catalog.regclass::text AS relation, format('%I', k.conname) AS name
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class own ON own.oid = k.conrelid
    WHERE k.contype = 'f' AND n.nspname = 'auth' AND own.relnamespace <> n.oid
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = k.confrelid AND i.indisprimary AND i.indexrelid = k.conindid)`,
  found: (row) => ({
    object: text(row, "object"),
    found: "It refers to a unique column of the schema auth.",
    fix: [`ALTER TABLE ${text(row, "relation")} DROP CONSTRAINT ${text(row, "name")};`],
  }),
};
