// What a leaf says, read from its text. Our trigger wrote it, and whoever owns the database may have written another: one that does
// not say what an entry says is none.

export interface LeafEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `schema.table`. */
  readonly table: string;
  readonly action: "insert" | "update" | "delete" | "truncate" | "restore";
  /** The row's key as text; null for TRUNCATE. */
  readonly key: string | null;
  readonly subject: string | null;
  /** Who acted in the subject's name. */
  readonly actor: string | null;
  /** The database role. */
  readonly role: string;
  /** Columns that an update changed. */
  readonly columns: readonly string[] | null;
  /** Salted hashes of the row, hexadecimal. */
  readonly before: string | null;
  readonly after: string | null;
  /** Signed: who accepted that the database was put back. Only where the action is `restore`. */
  readonly statement?: string;
}

const ACTIONS: readonly unknown[] = ["insert", "update", "delete", "truncate", "restore"];

/** Undefined: no entry of ours. */
export function readEntry(text: string): LeafEntry | undefined {
  let read: Partial<LeafEntry> | null;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined; // What is no JSON is no entry.
  }
  if (typeof read !== "object" || read === null) return undefined;
  const { at, table, action, key, subject, actor, role, columns, before, after, statement } = read;
  const isWhole =
    Number.isSafeInteger(at) &&
    ACTIONS.includes(action) &&
    [table, role].every(isText) &&
    [key, subject, actor, before, after].every((value) => value === null || isText(value)) &&
    (action === "restore") === isText(statement) &&
    (columns === null || (Array.isArray(columns) && columns.every(isText)));
  const said = { at, table, action, key, subject, actor, role, columns, before, after };
  return isWhole ? ({ ...said, ...(statement === undefined ? {} : { statement }) } as LeafEntry) : undefined;
}

/** PostgreSQL keeps no U+0000 in a text. */
const isText = (value: unknown): boolean => typeof value === "string" && !value.includes("\u0000");
