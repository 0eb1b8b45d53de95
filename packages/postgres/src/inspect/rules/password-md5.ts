import { type CatalogRule, text } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const passwordMd5: CatalogRule = {
  kind: "catalog",
  id: "password-md5",
  severity: "error",
  title: "A password is kept as MD5",
  why: "Who reads it once logs in with it, without ever knowing the password; a graphics card tries billions a second.",
  needs: ["pg_catalog.pg_authid"],
  query: `SELECT a.rolname::text AS object FROM pg_catalog.pg_authid a WHERE a.rolpassword LIKE 'md5%'`,
  found: (row) => ({
    object: text(row, "object"),
    found: "Its verifier begins with md5.",
    fix: [
      `-- SET password_encryption = 'scram-sha-256'; then, in psql: \\password ${text(row, "object")}`,
      `ALTER ROLE ${quoted(text(row, "object"))} PASSWORD NULL;`,
    ],
  }),
};
