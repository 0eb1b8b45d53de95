// A sealed column's table as work in the background sees it: quoted names, and values sealed for its rows.
import { blindIndex, type Keyring, sealEnvelope } from "@holdfast/vault";
import type pg from "pg";
import { dataClassOf, indexContext, rowText, type SealedColumn, valueContext } from "./sealed-column.ts";

export interface SealedTable {
  readonly client: pg.ClientBase;
  readonly keyring: Keyring;
  readonly tenant: string;
  readonly column: SealedColumn;
  /** The column that says whose value it is. */
  readonly subjectColumn: string | null;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const tableOf = ({ schema, relation }: SealedColumn): string => `${quoted(schema)}.${quoted(relation)}`;

export interface PlainRow {
  readonly key: string;
  readonly subject: string | null;
  readonly plain: string;
}

/** The value of a row, sealed under the key that seals now. */
export async function sealRow(
  { keyring, tenant, column }: Pick<SealedTable, "keyring" | "tenant" | "column">,
  row: PlainRow,
): Promise<Buffer> {
  const whose = row.subject === null ? {} : { subject: row.subject.toLowerCase() };
  const key = await keyring.dataKey({ purpose: "field", dataClass: dataClassOf(column), ...whose });
  keyring.count(key, "seals");
  const place = { tenant: whose.subject ?? tenant, row: rowText(column, row.key) };
  return sealEnvelope(key, valueContext(column, place), Buffer.from(row.plain, "utf8"));
}

export async function indexRow({ keyring, tenant, column }: SealedTable, { plain }: PlainRow): Promise<Buffer | null> {
  if (!column.blindIndex) return null;
  const key = await keyring.dataKey({ purpose: "blind-index", dataClass: dataClassOf(column) });
  keyring.count(key, "seals");
  return blindIndex(key.key, indexContext(column, tenant), plain);
}

/** Nobody's own rights, and no triggers of the application: neither the rows nor their dates change by what is done here. */
export async function behindTheScenes(client: pg.ClientBase): Promise<void> {
  await client.query("set row_security = off"); // An error where rows would be hidden, instead of leaving them out.
  await client.query("set session_replication_role = replica").catch((error: { code?: string }) => {
    if (error.code !== "42501") throw error; // Without a superuser the application's triggers run.
  });
}

export async function count(client: pg.ClientBase, text: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`select count(*) as count from ${text}`, [...values]);
  return Number(rows[0]?.count ?? 0);
}

const types = new WeakMap<object, string>();

/** The type of the table's key, so that its index finds the rows. */
export async function keyType({ client, column }: SealedTable): Promise<string> {
  const known = types.get(column);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ type: string }>(
    "select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = $1::regclass and attname = $2",
    [tableOf(column), column.primaryKey],
  );
  const type = rows[0]?.type ?? "text";
  types.set(column, type);
  return type;
}
