// Tables: their columns, and a condition for each action. An action that is not named is closed.
import type { Condition } from "./condition.ts";
import type { Columns, Scope } from "./condition-scope.ts";
import { conditionText } from "./condition-text.ts";
import { checkIdentifier } from "./identifier.ts";
import { ownField } from "./own-field.ts";
import type { ColumnPolicy, ColumnType, TableAction, TablePolicy } from "./policy.ts";
import { readCondition } from "./read-condition.ts";
import { checkMasks, readMasks } from "./read-masked.ts";
import { checkSealed, readSealed } from "./read-sealed.ts";
import {
  addIssue,
  below,
  type Fields,
  Found,
  type Report,
  readBoolean,
  readChoice,
  readObject,
  readRecord,
} from "./report.ts";
import { anonymous } from "./subject.ts";
import { type Meaning, truth } from "./truth.ts";

const tablesMax = 256;
// PostgreSQL's own limit is 1600 columns; a policy that long is a mistake.
const columnsMax = 256;

const columnTypes: readonly ColumnType[] = [
  "uuid",
  "text",
  "integer",
  "bigint",
  "boolean",
  "timestamptz",
  "date",
  "numeric",
  "jsonb",
];
/** In the order of documents and differences. */
export const tableActions: readonly TableAction[] = ["select", "insert", "update", "delete"];

const tableKeys = ["schema", "name", "primaryKey", "columns", ...tableActions, "within", "audited"];

// Supabase's raw_user_meta_data and its JWT name: whatever stands there was written by the user concerned.
const forbiddenColumns = ["user_metadata", "raw_user_meta_data"];
const reservedSchemas = ["auth", "holdfast", "platform", "information_schema"];

/** A table whose columns are known and whose conditions are not yet read. */
export interface DeclaredTable {
  readonly path: string;
  readonly fields: Fields;
  readonly columns: Columns;
}

/** First pass: names and columns, since a condition may speak of another table's. */
export function readDeclaredTables(report: Report, value: unknown): Readonly<Record<string, DeclaredTable>> {
  const tables: Record<string, DeclaredTable> = {};
  if (value === undefined) return tables;
  const entries = Object.entries(readRecord(report, "tables", value, "a record of tables") ?? {});
  if (entries.length > tablesMax)
    addIssue(report, "input/too-many", "tables", `at most ${tablesMax} tables`, new Found(`${entries.length}`));
  for (const [name, table] of entries.slice(0, tablesMax)) {
    const path = below("tables", name);
    const fields = readObject(report, path, table, tableKeys) ?? {};
    const columns = readColumns(report, below(path, "columns"), fields.columns);
    if (checkIdentifier(report, path, name)) tables[name] = { path, fields, columns };
  }
  return tables;
}

function readColumns(report: Report, path: string, value: unknown): Columns {
  const columns: Record<string, ColumnPolicy> = {};
  const entries = Object.entries(readRecord(report, path, value, "a record of columns") ?? {});
  if (entries.length > columnsMax)
    addIssue(report, "input/too-many", path, `at most ${columnsMax} columns`, new Found(`${entries.length}`));
  for (const [name, column] of entries.slice(0, columnsMax)) {
    const place = below(path, name);
    if (forbiddenColumns.includes(name))
      addIssue(report, "column/forbidden", place, "a column that the application controls", name);
    const read = readColumn(report, place, column);
    if (checkIdentifier(report, place, name)) columns[name] = read;
  }
  return columns;
}

function readColumn(report: Report, path: string, value: unknown): ColumnPolicy {
  if (typeof value === "string") {
    return { type: readChoice(report, path, value, columnTypes, "text"), nullable: false, writable: true };
  }
  const fields = readObject(
    report,
    path,
    value,
    ["type", "nullable", "writable", "sealed", "masked", "unmaskedFor"],
    "a column type or an object with one",
  ) ?? { type: "text" };
  if (fields.type === undefined)
    addIssue(report, "input/missing", below(path, "type"), `one of ${columnTypes.join(", ")}`, undefined);
  const type = readChoice(report, below(path, "type"), fields.type, columnTypes, "text");
  const sealed = readSealed(report, below(path, "sealed"), fields.sealed, type);
  return {
    type,
    nullable: readBoolean(report, below(path, "nullable"), fields.nullable, false),
    writable: readBoolean(report, below(path, "writable"), fields.writable, true),
    ...(sealed === undefined ? {} : { sealed }),
  };
}

/** Second pass: the conditions. */
export function readTables(
  report: Report,
  declared: Readonly<Record<string, DeclaredTable>>,
  roles: readonly string[],
): Readonly<Record<string, TablePolicy>> {
  const columnsByTable = Object.fromEntries(Object.entries(declared).map(([name, table]) => [name, table.columns]));
  const tables: Record<string, TablePolicy> = {};
  const places = new Map<string, string>();
  for (const [key, table] of Object.entries(declared)) {
    const scope: Scope = { roles, tables: columnsByTable, columns: table.columns };
    const read = readTable(report, key, table, scope);
    const place = `${read.schema}.${read.name}`;
    if (places.has(place)) {
      addIssue(
        report,
        "input/duplicate",
        table.path,
        "each table once",
        new Found(`${place}, as in tables.${places.get(place)}`),
      );
    }
    places.set(place, key);
    tables[key] = read;
  }
  return tables;
}

function readTable(report: Report, key: string, table: DeclaredTable, scope: Scope): TablePolicy {
  const { path, fields } = table;
  const columns = readMasks(report, path, fields, table.columns, scope);
  const actions = Object.fromEntries(
    tableActions.map((action) => [
      action,
      readTableCondition(report, below(path, action), fields[action], action, scope),
    ]),
  ) as Record<TableAction, Condition>;
  const primaryKey = readPrimaryKey(report, path, fields.primaryKey, columns);
  checkSealed(report, path, columns, primaryKey);
  const within =
    fields.within === undefined ? {} : { within: readCondition(report, below(path, "within"), fields.within, scope) };
  checkMasks(report, path, columns, primaryKey, { ...actions, ...within });
  const isAudited = readBoolean(report, below(path, "audited"), fields.audited, false);
  return {
    schema: readSchema(report, path, fields.schema),
    name: readName(report, below(path, "name"), fields.name, key),
    primaryKey,
    columns,
    ...actions,
    ...within,
    ...(isAudited ? { audited: true as const } : {}),
  };
}

function readTableCondition(
  report: Report,
  path: string,
  value: unknown,
  action: TableAction,
  scope: Scope,
): Condition {
  if (value === undefined) return { kind: "nobody" };
  const condition = readCondition(report, path, value, scope);
  if (action !== "select" && isOpen(condition)) {
    addIssue(
      report,
      "condition/open-write",
      path,
      "a condition that asks something of the subject or the row",
      new Found(conditionText(condition)),
    );
  }
  return condition;
}

const noMeaning: Meaning = { roles: {}, tables: {} };

/** True for a visitor who is not signed in, whatever the row: `any(anyone(), …)` as well as `not(signedIn())`. */
function isOpen(condition: Condition): boolean {
  return truth(noMeaning, condition, anonymous, { table: "", row: undefined }, { now: 0 }) === true;
}

function readName(report: Report, path: string, value: unknown, otherwise: string): string {
  if (value === undefined) return otherwise;
  if (typeof value !== "string") addIssue(report, "input/wrong-type", path, "a name", value);
  else if (checkIdentifier(report, path, value)) return value;
  return otherwise;
}

function readSchema(report: Report, path: string, value: unknown): string {
  const place = below(path, "schema");
  const schema = readName(report, place, value, "public");
  if (!reservedSchemas.includes(schema) && !schema.startsWith("pg_")) return schema;
  addIssue(report, "table/schema-reserved", place, "a schema of the application", schema);
  return "public";
}

function readPrimaryKey(report: Report, path: string, value: unknown, columns: Columns): string {
  const name = value ?? "id";
  const isKey = typeof name === "string" && ownField(columns, name)?.nullable === false;
  if (!isKey)
    addIssue(report, "table/primary-key", below(path, "primaryKey"), "a declared column that is not nullable", name);
  return isKey ? name : "id";
}
