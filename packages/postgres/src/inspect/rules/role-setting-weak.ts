import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

const WEAK =
  "^(row_security=off|session_replication_role=replica|password_encryption=md5|role=|lo_compat_privileges=on|log_statement=none|default_transaction_deferrable=|session_preload_libraries=|local_preload_libraries=|dynamic_library_path=)";

export const roleSettingWeak: CatalogRule = {
  kind: "catalog",
  id: "role-setting-weak",
  severity: "warning",
  title: "A setting kept for a role or database weakens what protects it",
  why: "It is there in every session from its first statement, and in no migration anybody reads.",
  query: `SELECT coalesce('role ' || r.rolname, 'every role') || coalesce(' in database ' || d.datname, '') AS object, r.rolname::text AS role, d.datname::text AS database, held.settings
    FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase, LATERAL (
      SELECT ARRAY(SELECT c FROM unnest(s.setconfig) c WHERE c ~ '${WEAK}' ORDER BY 1) AS settings) held
    WHERE (s.setdatabase = 0 OR d.datname = pg_catalog.current_database()) AND cardinality(held.settings) > 0`,
  found: (row) => {
    const role = row["role"] === null ? "ALL" : quoted(text(row, "role"));
    const where = row["database"] === null ? "" : ` IN DATABASE ${quoted(text(row, "database"))}`;
    const target =
      row["role"] === null && row["database"] !== null
        ? `ALTER DATABASE ${quoted(text(row, "database"))}`
        : `ALTER ROLE ${role}${where}`;
    return {
      object: text(row, "object"),
      found: `It has ${list(texts(row, "settings"))}.`,
      fix: texts(row, "settings").map((each) => `${target} RESET ${each.split("=")[0]};`),
    };
  },
};
