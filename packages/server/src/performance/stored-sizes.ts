// How large the database was: a row an hour, kept for ninety days, so that growth has a past.
import { forecast, type SizeSample, type TableSize } from "@holdfast/postgres";
import type { Database } from "../store/database.ts";
import type { Growth } from "./performance-shapes.ts";

const KEPT = "90 days";
const ROWS_MAX = 2_200;
const TABLES_MAX = 10;
/** Samples that are told, evenly spread. */
const TOLD_MAX = 120;

export interface StoredSize extends SizeSample {
  readonly tables: Readonly<Record<string, number>>;
}

export async function storeSize(database: Database, size: StoredSize): Promise<void> {
  await database.query(
    "INSERT INTO platform.database_size (at, bytes, tables) VALUES (to_timestamp($1::numeric / 1000), $2, $3) ON CONFLICT (at) DO NOTHING",
    [size.at, size.bytes, JSON.stringify(size.tables)],
  );
  await database.query(
    `DELETE FROM platform.database_size WHERE at < to_timestamp($1::numeric / 1000) - interval '${KEPT}'`,
    [size.at],
  );
}

/** Oldest first. */
export async function readSizes(database: Database): Promise<readonly StoredSize[]> {
  const { rows } = await database.query<StoredSize>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS at, bytes::float8 AS bytes, tables
     FROM platform.database_size ORDER BY at DESC LIMIT ${ROWS_MAX}`,
  );
  return rows.toReversed();
}

export const sizesOf = (tables: readonly TableSize[]): Readonly<Record<string, number>> =>
  Object.fromEntries(tables.slice(0, TABLES_MAX).map(({ table, bytes }) => [table, bytes]));

/** What the samples prove of growth, over all and of the largest tables. */
export function growthOf(sizes: readonly StoredSize[], diskFree: number | null): Growth {
  const newest = sizes.at(-1);
  const step = Math.ceil(sizes.length / TOLD_MAX) || 1;
  return {
    bytes: newest?.bytes ?? null,
    diskFree,
    forecast: forecast(sizes, diskFree),
    samples: sizes
      .filter((_, index) => index % step === 0 || index === sizes.length - 1)
      .map(({ at, bytes }) => ({ at, bytes })),
    tables: Object.entries(newest?.tables ?? {}).map(([table, bytes]) => ({
      table,
      bytes,
      forecast: forecast(
        sizes.flatMap(({ at, tables }) => (tables[table] === undefined ? [] : [{ at, bytes: tables[table] }])),
        null,
      ),
    })),
  };
}
