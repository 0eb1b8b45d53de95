// Triggers of audited tables: those the policy asks for, exactly, and none where it asks for none.
import {
  AUDIT_TRIGGER,
  AUDIT_TRUNCATE_TRIGGER,
  type AuditTrigger,
  type PostgresArtifact,
  quoteIdentifier,
  quoteQualified,
} from "@holdfast/compile";
import type { ClientBase } from "pg";
import type { Difference } from "./difference.ts";

interface LiveTrigger {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** Everything that says what it does and when, as `shapeOf` writes it. */
  readonly shape: string;
}

// pg_trigger.tgtype: AFTER is the absence of a bit; ROW 1, INSERT 4, DELETE 8, UPDATE 16, TRUNCATE 32.
const ROW_CHANGES = 29;
const TRUNCATE = 32;

const shapeOf = ({ isTruncate, values }: AuditTrigger): string => {
  const given = Buffer.from(values.map((value) => `${value}\0`).join(""), "utf8").toString("hex");
  return `holdfast.audit_row() ${isTruncate ? TRUNCATE : ROW_CHANGES} A ${given}`;
};

/** After the tables. A trigger that is missing or does something else loses changes nobody will know of. */
export async function auditDifferences(client: ClientBase, artifact: PostgresArtifact): Promise<readonly Difference[]> {
  const { rows } = await client.query<LiveTrigger>(
    `SELECT n.nspname::text AS schema, c.relname::text AS "table", t.tgname::text AS name,
       concat_ws(' ', t.tgfoid::regprocedure, t.tgtype, t.tgenabled, encode(t.tgargs, 'hex'),
         CASE WHEN t.tgqual IS NOT NULL OR t.tgattr::text <> '' THEN 'not always' END) AS shape
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE t.tgname = ANY ($1)`,
    [[AUDIT_TRIGGER, AUDIT_TRUNCATE_TRIGGER]],
  );
  return artifact.tables.flatMap((table) => {
    const live = rows.filter((row) => row.schema === table.schema && row.table === table.name);
    const object = `${table.schema}.${table.name}`;
    const wanted = table.auditing.flatMap((trigger): Difference[] => {
      const found = live.find(({ name }) => name === trigger.name);
      if (found?.shape === shapeOf(trigger)) return [];
      const seen = found === undefined ? "no such trigger" : "one that does something else, or not always";
      const sql = trigger.statements.map((statement) => statement.sql);
      return [{ code: "drift/audit-trigger", object, expected: `the trigger ${trigger.name}`, found: seen, sql }];
    });
    const excess = live.filter(({ name }) => !table.auditing.some((trigger) => trigger.name === name));
    return [
      ...wanted,
      ...excess.map(
        ({ name }): Difference => ({
          code: "drift/audit-unexpected",
          object,
          expected: "no audit of a table that is not audited",
          found: `the trigger ${name}`,
          sql: [`DROP TRIGGER ${quoteIdentifier(name)} ON ${quoteQualified(table.schema, table.name)}`],
        }),
      ),
    ];
  });
}
