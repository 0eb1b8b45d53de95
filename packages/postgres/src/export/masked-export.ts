// A copy of the data for developers, in which nobody is recognised: one consistent snapshot, written as SQL that any client can run.
// Rows that belong together still do. After it is written it is searched for what must not be in it (leak-scan.ts).
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { ClientBase } from "pg";
import { scanForOriginals } from "./leak-scan.ts";
import { type MaskedTable, quoted, relation } from "./masked-table.ts";
import { Pseudonyms } from "./pseudonym.ts";
import { inOrderOfReference } from "./reference-order.ts";

const BATCH_ROWS = 500;
export const EXPORT_KEY_BYTES = 32;

export interface ExportOptions {
  /** The same key gives the same stand-ins again; without it each run has its own. */
  readonly key?: Buffer;
  readonly progress?: (text: string) => void;
}

export interface ExportReport {
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  /** What the search found. Anything but 0 means that the file must not leave. */
  readonly leaks: readonly { readonly place: string; readonly count: number }[];
}

/** Writes `file`, readable by its owner only. The caller keeps it only where there are no leaks. `client` has no open transaction. */
export async function exportMasked(
  client: ClientBase,
  tables: readonly MaskedTable[],
  file: string,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const pseudonyms = new Pseudonyms(options.key ?? randomBytes(EXPORT_KEY_BYTES));
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    await client.query("SET LOCAL search_path = ''; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'");
    const ordered = await inOrderOfReference(client, tables);
    const output = await open(file, "wx", 0o600);
    try {
      const written = await writeTables(client, ordered, output, pseudonyms, options);
      options.progress?.("Searching the copy for originals");
      return { tables: written, leaks: await scanForOriginals(client, ordered, file) };
    } catch (error) {
      // Half a copy, or one that was not searched, is not left lying about.
      await rm(file, { force: true });
      throw error;
    }
  } finally {
    await client.query("ROLLBACK");
  }
}

async function writeTables(
  client: ClientBase,
  tables: readonly MaskedTable[],
  output: FileHandle,
  pseudonyms: Pseudonyms,
  { progress }: ExportOptions,
): Promise<ExportReport["tables"]> {
  try {
    await output.write("-- A masked copy made by holdfast export. The tables must be there and empty.\nBEGIN;\n");
    const written = [];
    for (const table of tables) {
      let rows = 0;
      for await (const batch of readRows(client, table)) {
        rows += batch.length;
        await output.write(
          insertText(
            table,
            batch.map((row) => row.map((value, at) => valueOf(table, at, value, pseudonyms))),
          ),
        );
        progress?.(`${table.schema}.${table.name}: ${rows} rows`);
      }
      written.push({ table: `${table.schema}.${table.name}`, rows });
    }
    await output.write("COMMIT;\n");
    await output.sync();
    return written;
  } finally {
    await output.close();
  }
}

type Values = readonly (string | null)[];

function valueOf(table: MaskedTable, at: number, value: string | null, pseudonyms: Pseudonyms): string | null {
  const column = table.columns[at];
  return column === undefined ? null : pseudonyms.valueOf(column, value);
}

async function* readRows(client: ClientBase, table: MaskedTable): AsyncGenerator<readonly Values[]> {
  const list = table.columns.map(({ name }) => `${quoted(name)}::text`).join(", ");
  await client.query(
    `DECLARE holdfast_export NO SCROLL CURSOR FOR SELECT ${list} FROM ${relation(table)} ORDER BY ${quoted(table.primaryKey)}`,
  );
  for (;;) {
    const { rows } = await client.query<string[]>({
      text: `FETCH FORWARD ${BATCH_ROWS} FROM holdfast_export`,
      rowMode: "array",
    });
    if (rows.length === 0) break;
    yield rows as unknown as readonly Values[];
  }
  await client.query("CLOSE holdfast_export");
}

/** One statement, one line for each row. */
export function insertText(table: MaskedTable, rows: readonly Values[]): string {
  const names = table.columns.map(({ name }) => quoted(name)).join(", ");
  const lines = rows.map((row) => `(${row.map((value) => (value === null ? "NULL" : literal(value))).join(", ")})`);
  return `INSERT INTO ${relation(table)} (${names}) OVERRIDING SYSTEM VALUE VALUES\n${lines.join(",\n")};\n`;
}

/** Safe whatever standard_conforming_strings says: a text with a backslash is written as an escape string. */
const literal = (value: string): string =>
  value.includes("\\")
    ? `E'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${value.replaceAll("'", "''")}'`;
