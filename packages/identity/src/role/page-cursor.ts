// Where a list of people or of their sessions goes on: after the last one shown, which is told by its moment and its id.
import { uuidPattern } from "../request/body-schema.ts";

const cursorPattern = /^(\d{1,15})\.([0-9a-f-]{36})$/;

export const pageCursor = (last: { readonly createdAt: number; readonly id: string } | undefined): string | null =>
  last === undefined ? null : `${last.createdAt}.${last.id}`;

/** Null for the first page, and for what is no cursor of ours. */
export function readCursor(cursor: string | undefined): { readonly at: number; readonly id: string } | null {
  const [, at, id] = cursorPattern.exec(cursor ?? "") ?? [];
  return at !== undefined && id !== undefined && uuidPattern.test(id) ? { at: Number(at), id } : null;
}

/** A LIKE pattern for what begins with the text, whatever it holds. */
export const beginningWith = (text: string): string => `${text.replace(/[\\%_]/g, "\\$&")}%`;
