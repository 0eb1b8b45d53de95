// Pages of lists that are kept in memory, newest first. The cursor is the number of entries already shown.

const PAGE_DEFAULT = 50;
export const PAGE_MAX = 200;
export const CURSOR_MAX = 1_000_000;

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next: number | null;
}

export function pageOf<Entry>(entries: readonly Entry[], cursor = 0, limit = PAGE_DEFAULT): Page<Entry> {
  const end = cursor + limit;
  return { entries: entries.slice(cursor, end), next: end < entries.length ? end : null };
}
