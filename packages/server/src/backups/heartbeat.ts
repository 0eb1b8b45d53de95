// The heartbeat of the data: a row a minute, chained by hashes. In a restored copy it shows that rows are what they were, and how
// much before the moment the newest one is.

import { linkHash } from "../store/chain.ts";
import type { Database, Statements } from "../store/database.ts";

/** Rows that are kept; a week of minutes. */
const ROWS_MAX = 10_080;

export interface Heartbeat {
  readonly seq: number;
  /** Milliseconds since 1970, by the database's clock. */
  readonly at: number;
  readonly hash: string;
}

interface StoredBeat {
  readonly seq: string;
  readonly at: string;
  readonly hash: string;
}

const COLUMNS = "seq, (extract(epoch from at) * 1000)::bigint as at, hash";
const toBeat = ({ seq, at, hash }: StoredBeat): Heartbeat => ({ seq: Number(seq), at: Number(at), hash });
const bodyOf = (seq: number, at: number): string => `${seq} ${at}`;

/** Adds a row and removes what is older than is kept. Two at once: one of them is refused, and the next minute goes on. */
export function beatHeart(database: Database): Promise<Heartbeat> {
  return database.transaction(async (statements) => {
    // Wherever commits need not wait for the disk, this one does: whoever reads it back in a copy relies on it. It waits for no
    // archive, whose absence it is to show.
    await statements.query("SET LOCAL synchronous_commit = local");
    const { rows } = await statements.query<StoredBeat>(
      `SELECT ${COLUMNS} FROM platform.heartbeat ORDER BY seq DESC LIMIT 1`,
    );
    const last = rows[0] === undefined ? { seq: 0, hash: "" } : toBeat(rows[0]);
    const clock = await statements.query<{ at: string }>(
      "SELECT (extract(epoch from clock_timestamp()) * 1000)::bigint AS at",
    );
    const seq = last.seq + 1;
    const at = Number(clock.rows[0]?.at);
    const hash = linkHash(last.hash, bodyOf(seq, at));
    await statements.query(
      "INSERT INTO platform.heartbeat (seq, at, hash) VALUES ($1, to_timestamp($2::numeric / 1000), $3)",
      [seq, at, hash],
    );
    await statements.query("DELETE FROM platform.heartbeat WHERE seq <= $1", [seq - ROWS_MAX]);
    return { seq, at, hash };
  });
}

export interface HeartbeatReport {
  readonly beats: number;
  readonly newest: Heartbeat | undefined;
  /** The first row that does not follow the one before it. */
  readonly brokenAt: number | undefined;
}

/** Recomputes the whole chain; the first row's own hash is taken as given, for those before it are gone. */
export async function verifyHeartbeats(statements: Statements): Promise<HeartbeatReport> {
  const { rows } = await statements.query<StoredBeat>(`SELECT ${COLUMNS} FROM platform.heartbeat ORDER BY seq`);
  let before: Heartbeat | undefined;
  for (const row of rows) {
    const beat = toBeat(row);
    const follows =
      before === undefined ||
      (beat.seq === before.seq + 1 && beat.hash === linkHash(before.hash, bodyOf(beat.seq, beat.at)));
    if (!follows) return { beats: rows.length, newest: before, brokenAt: beat.seq };
    before = beat;
  }
  return { beats: rows.length, newest: before, brokenAt: undefined };
}
