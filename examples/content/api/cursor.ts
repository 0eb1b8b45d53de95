/** The place in a list after which to read on: the last row that was read. */
export interface Cursor {
  readonly updatedAt: string;
  readonly id: string;
}

const WRITTEN =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Characters of a written cursor at most; for the query's schema. */
export const CURSOR_CHARACTERS_MAX = 120;

export function writeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.updatedAt} ${cursor.id}`).toString("base64url");
}

/** Null for a text that `writeCursor` did not write. */
export function readCursor(written: string): Cursor | null {
  const match = WRITTEN.exec(Buffer.from(written, "base64url").toString("utf8"));
  const [, updatedAt, id] = match ?? [];
  if (updatedAt === undefined || id === undefined || Number.isNaN(Date.parse(updatedAt))) return null;
  return { updatedAt, id };
}
