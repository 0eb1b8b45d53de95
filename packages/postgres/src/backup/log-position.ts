// Positions in the write-ahead log: 64-bit numbers, which PostgreSQL writes as two hexadecimal halves (pg_lsn).

/** "16/B374D848" as a number; undefined when it is no position. */
export function parseLogPosition(text: string): bigint | undefined {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  return high === undefined || low === undefined ? undefined : (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** As PostgreSQL writes it. */
export const formatLogPosition = (position: bigint): string =>
  `${(position >> 32n).toString(16).toUpperCase()}/${(position & 0xffffffffn).toString(16).toUpperCase()}`;

/** The name of the file in pg_wal that holds a position: timeline, and the number of the segment in two halves. */
export function segmentFileName(timeline: number, position: bigint, segmentBytes: bigint): string {
  const segment = position / segmentBytes;
  const perFile = 0x100000000n / segmentBytes;
  return [BigInt(timeline), segment / perFile, segment % perFile].map((part) => hexadecimal(part, 8)).join("");
}

/** Upper-case hexadecimal digits, padded. */
export const hexadecimal = (value: bigint, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, "0");

/** PostgreSQL counts microseconds from 2000-01-01; we count milliseconds from 1970-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000n;

/** Milliseconds since 1970 from PostgreSQL's microseconds since 2000. */
export const fromServerTime = (microseconds: bigint): number => Number(microseconds / 1_000n + POSTGRES_EPOCH_MS);

/** The other way round. */
export const toServerTime = (milliseconds: number): bigint =>
  (BigInt(Math.trunc(milliseconds)) - POSTGRES_EPOCH_MS) * 1_000n;
