// Seals the values of a column anew, under the keys that seal now. It can be stopped at any moment: what is done is done,
// and whoever begins again finds the rest by the key that each value names.
import { openValue } from "./open-value.ts";
import { dataClassOf } from "./sealed-column.ts";
import { behindTheScenes, count, keyType, quoted, type SealedTable, sealRow, tableOf } from "./sealed-table.ts";
import { keepPace, type WorkPace } from "./work-pace.ts";

export interface ResealReport {
  readonly resealed: number;
  /** Values that did not open: changed, moved, or their key revoked or destroyed. They are left as they are. */
  readonly refused: number;
  /** Values that an older key sealed, still. */
  readonly left: number;
}

const KEY_ID = "substr(%, 3, 20)";

/** Seals every value that an older version of its key sealed. */
export async function resealColumn(table: SealedTable, pace: WorkPace): Promise<ResealReport> {
  const { client, column } = table;
  await behindTheScenes(client);
  const older = await olderKeys(table);
  const [relation, name] = [tableOf(column), quoted(column.name)];
  const isOlder = `${KEY_ID.replace("%", name)} = any ($1::bytea[])`;
  const total = await count(client, `${relation} where ${isOlder}`, [older]);
  const startedAt = pace.now();
  let [after, resealed, refused]: [string | null, number, number] = [null, 0, 0];
  for (;;) {
    const rows = await olderRows(table, { isOlder, older, after, limit: pace.batchRows });
    const last = rows.at(-1);
    if (last === undefined) break;
    const done = await resealRows(table, rows);
    [after, resealed, refused] = [last.key, resealed + done, refused + rows.length - done];
    pace.onProgress({ done: resealed + refused, total });
    await keepPace(pace, startedAt, resealed + refused);
  }
  const left = await count(client, `${relation} where ${isOlder}`, [older]);
  return { resealed, refused, left };
}

interface Page {
  readonly isOlder: string;
  readonly older: readonly Buffer[];
  readonly after: string | null;
  readonly limit: number;
}

interface SealedRow {
  readonly key: string;
  readonly sealed: Buffer;
}

async function olderRows(
  { client, column }: SealedTable,
  { isOlder, older, after, limit }: Page,
): Promise<readonly SealedRow[]> {
  const [name, key] = [quoted(column.name), quoted(column.primaryKey)];
  const place = after === null ? "" : `and ${key} > ${client.escapeLiteral(after)}`;
  const { rows } = await client.query<SealedRow>(
    `select ${key}::text as key, ${name}::bytea as sealed from ${tableOf(column)} where ${isOlder} ${place} order by ${key} limit $2`,
    [older, limit],
  );
  return rows;
}

/** Ids of the versions that seal no more, of every subject. */
export async function olderKeys({ keyring, column }: SealedTable): Promise<readonly Buffer[]> {
  const keys = await keyring.list();
  return keys
    .filter(
      ({ purpose, dataClass, state }) => purpose === "field" && dataClass === dataClassOf(column) && state !== "active",
    )
    .map(({ id }) => Buffer.from(id, "hex"));
}

/** Changes each row only where it still holds what was read. Says how many values could be opened. */
async function resealRows(table: SealedTable, rows: readonly SealedRow[]): Promise<number> {
  const { client, column } = table;
  const [relation, name, key] = [tableOf(column), quoted(column.name), quoted(column.primaryKey)];
  const keys: string[] = [];
  const [before, now]: [Buffer[], Buffer[]] = [[], []];
  for (const row of rows) {
    const sealed = await resealed(table, row);
    if (sealed === undefined) continue;
    keys.push(row.key);
    before.push(row.sealed);
    now.push(sealed);
  }
  await client.query(
    `update ${relation} set ${name} = new.now from unnest($1::text[], $2::bytea[], $3::bytea[]) as new (key, before, now)
      where ${key} = new.key::${await keyType(table)} and ${name}::bytea = new.before`,
    [keys, before, now],
  );
  return keys.length;
}

/** Undefined where it does not open: reported, and left as it is. */
async function resealed(table: SealedTable, { key, sealed }: SealedRow): Promise<Buffer | undefined> {
  const { keyring, tenant, column } = table;
  const opened = await openValue(keyring, { column, tenant, rowKey: key }, sealed);
  if (opened.kind !== "opened") return undefined;
  return sealRow(table, { key, subject: opened.subject, plain: opened.text });
}
