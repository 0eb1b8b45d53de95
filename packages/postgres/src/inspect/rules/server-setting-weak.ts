import { type CatalogRule, text } from "../rule/rule.ts";
import { literal } from "../rule/subject.ts";

/** Setting, the value that is wrong, severity, why, and what it should be. */
const WEAK =
  "('password_encryption', 'md5', 'warning', 'new passwords are kept as MD5', 'scram-sha-256'), ('ssl', 'off', 'warning', 'nobody can connect with TLS', 'on'), ('row_security', 'off', 'warning', 'statements fail instead of being filtered', 'on'), ('log_parameter_max_length', '-1', 'note', 'values of parameters are written to the log', '0'), ('log_parameter_max_length_on_error', '-1', 'note', 'values of parameters are written to the log with errors', '0'), ('lo_compat_privileges', 'on', 'error', 'large objects have no rights at all', 'off'), ('allow_system_table_mods', 'on', 'error', 'the catalogs can be written', 'off'), ('ignore_system_indexes', 'on', 'note', 'indexes of the catalogs are not used', 'off'), ('fsync', 'off', 'warning', 'a crash of the machine loses data', 'on'), ('full_page_writes', 'off', 'warning', 'a crash of the machine damages pages', 'on'), ('ssl_min_protocol_version', 'TLSv1', 'error', 'TLS 1.0 is accepted', 'TLSv1.2'), ('ssl_min_protocol_version', 'TLSv1.1', 'error', 'TLS 1.1 is accepted', 'TLSv1.2'), ('data_checksums', 'off', 'note', 'a damaged page is not noticed', 'on'), ('log_connections', 'off', 'note', 'who connected is not known afterwards', 'on'), ('log_connections', '', 'note', 'who connected is not known afterwards', 'on')";

/** Made when the cluster is made, not by ALTER SYSTEM. */
const BY_TOOL: Readonly<Record<string, string>> = {
  data_checksums: "-- pg_checksums --enable, while the server is stopped.",
};

export const serverSettingWeak: CatalogRule = {
  kind: "catalog",
  id: "server-setting-weak",
  severity: "warning",
  title: "A setting of the server weakens what protects the data",
  why: "It holds for every database and every role, and no policy can make up for it.",
  query: `SELECT w.name AS object, s.setting, w.severity, w.why, w.wanted FROM pg_catalog.pg_settings s
    JOIN (VALUES ${WEAK}) AS w(name, wrong, severity, why, wanted) ON w.name = s.name AND w.wrong = s.setting
    WHERE w.name NOT IN ('log_parameter_max_length', 'ssl') OR (w.name = 'ssl' AND current_setting('listen_addresses') <> '')
      OR w.name = 'log_parameter_max_length' AND ( EXISTS (SELECT FROM pg_catalog.pg_settings l WHERE l.name = 'log_statement' AND l.setting <> 'none')
      OR EXISTS (SELECT FROM pg_catalog.pg_settings l WHERE l.name = 'log_min_duration_statement' AND l.setting <> '-1'))`,
  found: (row) => ({
    object: text(row, "object"),
    severity: text(row, "severity") as "error" | "warning" | "note",
    found: `It is ${text(row, "setting") || "empty"}: ${text(row, "why")}.`,
    attack: {
      role: null,
      sql: `SELECT pg_catalog.current_setting(${literal(text(row, "object"))}) = ${literal(text(row, "setting"))}`,
      shows: "rows",
      runs: "reads",
    },
    fix: [BY_TOOL[text(row, "object")] ?? `ALTER SYSTEM SET ${text(row, "object")} = ${literal(text(row, "wanted"))};`],
  }),
};
