// The triggers of an audited table. What they write, and for whom, says packages/postgres (migrations, audit).
import type { TablePolicy } from "@holdfast/policy";
import type { AuditTrigger } from "./model.ts";
import { quoteIdentifier, quoteLiteral, quoteQualified } from "./quoting.ts";
import { indexColumns } from "./sealed-columns.ts";

export const AUDIT_TRIGGER = "holdfast_audit";
export const AUDIT_TRUNCATE_TRIGGER = "holdfast_audit_truncate";
const FUNCTION = "holdfast.audit_row";

/**
 * A trigger for rows and one for TRUNCATE; empty where the table is not audited. Sealed columns and their blind indexes are handed
 * to the function as what no hash may be made of.
 */
export function auditTriggers(table: TablePolicy): readonly AuditTrigger[] {
  if (table.audited !== true) return [];
  const sealed = Object.keys(table.columns).filter((name) => table.columns[name]?.sealed !== undefined);
  const values = [table.primaryKey, ...[...sealed, ...indexColumns(table, () => true)].sort()];
  const name = quoteQualified(table.schema, table.name);
  const trigger = (trigger: string, moment: string, each: string): AuditTrigger => ({
    name: trigger,
    isTruncate: each === "STATEMENT",
    values,
    statements: [
      {
        what: `audit ${table.schema}.${table.name}`,
        sql: `CREATE OR REPLACE TRIGGER ${quoteIdentifier(trigger)} ${moment} ON ${name}
FOR EACH ${each} EXECUTE FUNCTION ${FUNCTION}(${values.map(quoteLiteral).join(", ")})`,
      },
      // Also where a session says that it only replays what another server did.
      {
        what: `audit every session's changes of ${table.schema}.${table.name}`,
        sql: `ALTER TABLE ${name} ENABLE ALWAYS TRIGGER ${quoteIdentifier(trigger)}`,
      },
    ],
  });
  return [
    trigger(AUDIT_TRIGGER, "AFTER INSERT OR UPDATE OR DELETE", "ROW"),
    trigger(AUDIT_TRUNCATE_TRIGGER, "AFTER TRUNCATE", "STATEMENT"),
  ];
}
