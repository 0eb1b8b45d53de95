// What the audit needs of a database: a pool of the platform's role, or an administrator's connection.
import { type HashReader, TILE_HASHES } from "./merkle-tree.ts";

export interface AuditStatements {
  query<Row extends object>(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

export interface AuditDatabase extends AuditStatements {
  transaction<T>(work: (statements: AuditStatements) => Promise<T>): Promise<T>;
}

/** A checkpoint kept where whoever owns the database cannot reach it. */
export interface KeptCheckpoint {
  read(): Promise<string | null>;
  write(note: string): Promise<void>;
}

export async function treeSize(statements: AuditStatements): Promise<number> {
  const { rows } = await statements.query<{ size: string }>(
    "SELECT COALESCE(max(position) + 1, 0) AS size FROM holdfast_keeper.audit_positions",
  );
  return Number(rows[0]?.size ?? 0);
}

/** Hashes of the tree as it is stored: full tiles, and what is right of the last one from the level below. */
export function storedHashes(statements: AuditStatements): HashReader {
  const read: HashReader["read"] = async (level, from, count) => {
    const number = Math.floor(from / TILE_HASHES);
    const tile = await statements.query<{ hashes: Buffer }>(
      "SELECT hashes FROM holdfast_keeper.audit_tiles WHERE level = $1 AND number = $2",
      [level, number],
    );
    const stored = tile.rows[0]?.hashes;
    if (stored !== undefined) {
      const first = from - number * TILE_HASHES;
      return Array.from({ length: count }, (_, at) => stored.subarray((first + at) * 32, (first + at + 1) * 32));
    }
    const { rows } = await statements.query<{ hash: Buffer }>(
      level === 0
        ? "SELECT hash FROM holdfast_keeper.audit_positions WHERE position >= $1 AND position < $2 ORDER BY position"
        : "SELECT root AS hash FROM holdfast_keeper.audit_tiles WHERE level = $3 AND number >= $1 AND number < $2 ORDER BY number",
      level === 0 ? [from, from + count] : [from, from + count, level - 1],
    );
    return rows.map(({ hash }) => hash);
  };
  return { read };
}
