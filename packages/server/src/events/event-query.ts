// Reads recorded events: newest first, by time, name and correlation, a page at a time.
import { type StoredRow, toChainRow } from "../store/chained-log.ts";
import type { Statements } from "../store/database.ts";
import type { EventPage, EventQuery } from "./event-record.ts";
import { toEventRecord } from "./ocsf.ts";

const EVENT_PAGE_DEFAULT = 50;
export const EVENT_PAGE_MAX = 200;

export async function queryEvents(statements: Statements, query: EventQuery): Promise<EventPage> {
  const limit = Math.min(Math.max(query.limit ?? EVENT_PAGE_DEFAULT, 1), EVENT_PAGE_MAX);
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  };
  where("at >=", query.after);
  where("at <", query.before);
  where("name =", query.name);
  if (query.names !== undefined) {
    values.push(query.names);
    conditions.push(`name = ANY($${values.length})`);
  }
  where("correlation =", query.correlation);
  where("seq <", query.cursor);
  const { rows } = await statements.query<StoredRow>(
    `SELECT seq, body, previous_hash, hash FROM platform.event
     ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`} ORDER BY seq DESC LIMIT ${limit + 1}`,
    values,
  );
  const events = rows.slice(0, limit).map((row) => toEventRecord(toChainRow(row)));
  return { events, next: rows.length > limit ? (events.at(-1)?.seq ?? null) : null };
}

/** How many events with one of the names happened at or after a moment. Without names, all of them. */
export async function countEvents(statements: Statements, after: number, name?: string): Promise<number> {
  const { rows } = await statements.query<{ count: string }>(
    `SELECT count(*) FROM platform.event WHERE at >= $1 AND ($2::text IS NULL OR name = $2)`,
    [after, name ?? null],
  );
  return Number(rows[0]?.count ?? 0);
}
