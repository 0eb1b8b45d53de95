// The bytes that execute a connection's claims statement: Bind with three text values, then Execute (PostgreSQL, §54.7).
// They are the same for every request of a subject on a connection, so they are encoded once and kept beside the proof.

const LENGTH_BYTES = 4;
const COUNT_BYTES = 2;
const ALL_ROWS = 0;

/** Bind of the named statement to text values on the unnamed portal, followed by its Execute. */
export function claimsMessage(statement: string, values: readonly string[]): Buffer {
  const texts = values.map((value) => {
    const bytes = Buffer.from(value, "utf8");
    return Buffer.concat([int32(bytes.length), bytes]);
  });
  const bind = message("B", [
    Buffer.from(`\0${statement}\0`, "utf8"), // The unnamed portal, then the statement.
    int16(0), // All values are text.
    int16(values.length),
    ...texts,
    int16(0), // All results as text.
  ]);
  const execute = message("E", [Buffer.from("\0"), int32(ALL_ROWS)]);
  return Buffer.concat([bind, execute]);
}

function message(type: string, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type, "latin1"), int32(body.length + LENGTH_BYTES), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(LENGTH_BYTES);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(COUNT_BYTES);
  bytes.writeInt16BE(value);
  return bytes;
}
