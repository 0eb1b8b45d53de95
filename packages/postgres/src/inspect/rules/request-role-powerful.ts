import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

const POWERS =
  "'pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend', 'pg_maintain', 'pg_create_subscription', 'pg_database_owner'";

export const requestRolePowerful: CatalogRule = {
  kind: "catalog",
  id: "request-role-powerful",
  severity: "error",
  title: "A role that requests run as has powers of an administrator",
  why: "Attributes and predefined roles reach past every table's rights: files, programs, other roles, everybody's rows.",
  query: `SELECT r.rolname::text AS object, held.powers, held.memberships FROM pg_catalog.pg_roles r, LATERAL (SELECT
      array_remove(ARRAY[CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END], NULL) AS powers,
      ARRAY(SELECT p.rolname::text FROM pg_catalog.pg_roles p WHERE p.rolname IN (${POWERS}) AND p.rolname <> 'pg_database_owner' AND NOT r.rolsuper
        AND pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER') ORDER BY 1) AS memberships) held
    WHERE r.oid = ANY ($1::oid[]) AND cardinality(held.powers || held.memberships) > 0`,
  found: (row) => {
    const role = quoted(text(row, "object"));
    return {
      object: text(row, "object"),
      found: `It has ${list([...texts(row, "powers"), ...texts(row, "memberships")])}.`,
      fix: [
        ...texts(row, "powers").map((power) => `ALTER ROLE ${role} NO${power};`),
        ...texts(row, "memberships").map((each) => `REVOKE ${quoted(each)} FROM ${role};`),
      ],
    };
  },
};
