import { type CatalogRule, text } from "../rule/rule.ts";

export const hostAuthenticationWeak: CatalogRule = {
  kind: "catalog",
  id: "host-authentication-weak",
  severity: "error",
  title: "pg_hba.conf lets somebody in without a proof, or with a password in clear text",
  why: "`trust` asks nothing, `password` sends the password as it is, `md5` lets a stolen verifier log in; `ident` believes the other machine.",
  needs: ["pg_catalog.pg_hba_file_rules"],
  query: `SELECT 'pg_hba.conf line ' || h.line_number AS object, h.type, h.auth_method, coalesce(h.address, '') AS address FROM pg_catalog.pg_hba_file_rules h
    WHERE h.error IS NULL AND ((h.auth_method IN ('trust', 'password', 'ident') AND h.type <> 'local') OR (h.auth_method IN ('trust', 'password') AND h.type = 'local')
      OR h.auth_method = 'md5' OR (h.type IN ('host', 'hostnossl') AND h.auth_method <> 'reject' AND h.address NOT IN ('127.0.0.1', '::1', 'samehost', 'localhost')))`,
  found: (row) => {
    const method = text(row, "auth_method");
    const isPlain = !["trust", "password", "ident", "md5"].includes(method);
    return {
      object: text(row, "object"),
      severity: isPlain || method === "md5" ? "warning" : "error",
      found: isPlain
        ? `${text(row, "type")} ${text(row, "address")} is let in without TLS.`
        : `${text(row, "type")} ${text(row, "address")} is let in by ${method}.`,
      fix: ["-- hostssl … scram-sha-256 in that line of pg_hba.conf, then SELECT pg_reload_conf();"],
    };
  },
};
