import { FUNCTIONS, functionRoles } from "../rule/catalog-tables.ts";
import type { Severity } from "../rule/finding.ts";
import { type CatalogRule, list, type Row, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees, literal } from "../rule/subject.ts";

export const definerExecutable: CatalogRule = {
  kind: "catalog",
  id: "definer-executable",
  severity: "warning",
  title: "Requests may call a SECURITY DEFINER function",
  why: "It passes the policies with its owner's rights, and what it checks itself is all there is. PUBLIC may call every new function unless that is revoked.",
  advisor: ["0028", "0029"],
  query: `${FUNCTIONS} SELECT object, o.rolname::text AS owner, o.rolsuper OR o.rolbypassrls AS unbound, o.rolcanlogin AS logs_in, p.pronargs AS arguments, reach.roles,
      p.proacl IS NULL AS by_default
    FROM functions f JOIN pg_catalog.pg_roles o ON o.oid = f.proowner JOIN pg_catalog.pg_proc p ON p.oid = f.oid, LATERAL (SELECT ${functionRoles()} AS roles) reach
    WHERE f.prosecdef AND f.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
      AND cardinality(reach.roles) > 0`,
  found: (row, subject) => {
    const roles = texts(row, "roles");
    return {
      object: text(row, "object"),
      severity: severityOf(row),
      found: `It runs as ${text(row, "owner")}${row["unbound"] === true ? ", whom no policy binds" : ""}, and ${list(roles)} may call it.`,
      attack: {
        role: attackerOf(subject, roles) ?? null,
        // Calling it might do anything: the right to is what is shown.
        sql: `SELECT pg_catalog.has_function_privilege(${literal(text(row, "object"))}, 'EXECUTE')`,
        shows: "rows",
        runs: "reads",
      },
      fix: [`REVOKE EXECUTE ON ROUTINE ${text(row, "object")} FROM ${grantees([...new Set(["PUBLIC", ...roles])])};`],
    };
  },
};

/** One that takes no argument and runs as a role made for it tells a caller only about the caller: the shape a policy's sets should have. */
function severityOf(row: Row): Severity {
  if (row["unbound"] === true && row["by_default"] === true) return "error";
  return row["unbound"] !== true && row["logs_in"] !== true && Number(row["arguments"]) === 0 ? "note" : "warning";
}
