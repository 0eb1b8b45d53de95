import { rolesWhere } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees, literal } from "../rule/subject.ts";

/** Extensions and functions that reach files or other machines. */
const EXTENSIONS =
  "'dblink', 'http', 'pg_net', 'adminpack', 'file_fdw', 'plsh', 'pg_curl', 'aws_s3', 'aws_lambda', 'lo'";
const BUILT_IN =
  "'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file', 'lo_import', 'lo_export', 'pg_reload_conf', 'pg_rotate_logfile', 'pg_read_server_files'";

export const networkFunction: CatalogRule = {
  kind: "catalog",
  id: "network-function",
  severity: "warning",
  title: "Requests may call a function that reaches files or other machines",
  why: "One injected statement then speaks to the cloud's metadata service, to the server itself without a password, or reads its files.",
  query: `SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS object, reach.roles
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
      LEFT JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND e.oid = d.refobjid, LATERAL (
      SELECT ${rolesWhere("pg_catalog.has_schema_privilege(role, n.oid, 'USAGE') AND pg_catalog.has_function_privilege(role, p.oid, 'EXECUTE')")} AS roles) reach
    WHERE (e.extname IN (${EXTENSIONS}) OR (n.nspname = 'pg_catalog' AND p.proname IN (${BUILT_IN})))
      AND p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.fdw_handler'::pg_catalog.regtype)
      AND p.proname !~ '_(validator|get_connections|get_notify|error_message|get_pkey|get_result|is_busy|disconnect|close|fetch|cancel_query)$' AND p.proname !~ '^dblink_build_'
      AND cardinality(reach.roles) > 0`,
  found: (row, subject) => ({
    object: text(row, "object"),
    found: `${list(texts(row, "roles"))} may call it.`,
    attack: {
      role: attackerOf(subject, texts(row, "roles")) ?? null,
      sql: `SELECT pg_catalog.has_function_privilege(${literal(text(row, "object"))}, 'EXECUTE')`,
      shows: "rows",
      runs: "reads",
    },
    fix: [
      `REVOKE EXECUTE ON FUNCTION ${text(row, "object")} FROM ${grantees([...new Set(["PUBLIC", ...texts(row, "roles")])])};`,
    ],
  }),
};
