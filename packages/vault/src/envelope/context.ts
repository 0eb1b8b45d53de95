// What a sealed value is bound to, as bytes: every name and value with its length, in the order of names, so that no two
// contexts are the same bytes.

/** Names and values that must be the same when a value is opened as when it was sealed; for example table, column and row. */
export type SealContext = Readonly<Record<string, string>>;

const LENGTH_BYTES = 4;

export function contextBytes(context: SealContext): Buffer {
  const parts: Buffer[] = [];
  for (const name of Object.keys(context).sort()) {
    for (const text of [name, context[name] as string]) {
      const length = Buffer.alloc(LENGTH_BYTES);
      const bytes = Buffer.from(text, "utf8");
      length.writeUInt32BE(bytes.length);
      parts.push(length, bytes);
    }
  }
  return Buffer.concat(parts);
}
