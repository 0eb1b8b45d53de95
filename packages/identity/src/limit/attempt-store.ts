// Counting attempts in PostgreSQL, so that a restart forgives nobody and several instances count together.
import type { Database } from "../database.ts";

export interface Count {
  /** The present attempt included. */
  readonly attempts: number;
  readonly windowEndsAt: number;
}

/** Attempts beyond this are no longer told apart. */
const attemptsCountedMax = 1_000_000;

/**
 * Counts one more attempt before it is made: parallel attempts each get a number of their own. A window that ends later than one
 * begun now is from before the clock jumped back; keeping it would lock people out for as long as the clock was ahead.
 */
export async function countAttempt(database: Database, key: string, now: number, windowMs: number): Promise<Count> {
  const { rows } = await database.query<{ attempts: number; window_ends_at: Date }>(
    `insert into auth.attempts as a (key, attempts, window_ends_at) values ($1, 1, $3)
     on conflict (key) do update set
       attempts = case when a.window_ends_at <= $2 or a.window_ends_at > $3 then 1 else least(a.attempts + 1, $4) end,
       window_ends_at = case when a.window_ends_at <= $2 or a.window_ends_at > $3 then $3 else a.window_ends_at end
     returning attempts, window_ends_at`,
    [key, new Date(now), new Date(now + windowMs), attemptsCountedMax],
  );
  const row = rows[0];
  if (row === undefined) throw new Error("PostgreSQL counted an attempt but returned no row.");
  return { attempts: row.attempts, windowEndsAt: row.window_ends_at.getTime() };
}

/** Takes one attempt back. */
export async function uncountAttempt(database: Database, key: string): Promise<void> {
  await database.query("update auth.attempts set attempts = greatest(attempts - 1, 0) where key = $1", [key]);
}

/** Forgets every attempt under one key and takes one back under the other. */
export async function forgiveAttempts(database: Database, cleared: string, lowered: string): Promise<void> {
  await database.query(
    `with cleared as (delete from auth.attempts where key = $1)
     update auth.attempts set attempts = greatest(attempts - 1, 0) where key = $2`,
    [cleared, lowered],
  );
}

/** Removes windows that are over, at most `max`. Returns how many. */
export async function removeOldAttempts(database: Database, now: number, max: number): Promise<number> {
  const { rows } = await database.query(
    `delete from auth.attempts
     where key in (select key from auth.attempts where window_ends_at <= $1 limit $2) returning key`,
    [new Date(now), max],
  );
  return rows.length;
}
