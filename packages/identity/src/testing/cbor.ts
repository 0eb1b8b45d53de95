// As much of CBOR (RFC 8949) as an authenticator writes: integers, byte strings, text and maps, in their shortest form.

export type CborValue = number | string | Buffer | ReadonlyMap<number | string, CborValue>;

const oneByte = 24;
const twoBytes = 256;
const fourBytes = 65_536;

function head(major: number, value: number): Buffer {
  const type = major << 5;
  if (value < oneByte) return Buffer.from([type | value]);
  if (value < twoBytes) return Buffer.from([type | 24, value]);
  if (value < fourBytes) return Buffer.from([type | 25, value >> 8, value & 255]);
  throw new Error(`${value} is more than an authenticator writes.`);
}

export function encodeCbor(value: CborValue): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}
