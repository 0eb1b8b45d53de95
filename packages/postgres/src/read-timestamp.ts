// A timestamptz as PostgreSQL usually writes one, "2026-01-31 23:59:59.123456+00", read from its bytes: 0.1 us, where pg's regular
// expressions take 0.5 us. Everything else (BC, infinity, five digits of year, another DateStyle) is left to pg.

const ZERO = 0x30;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
/** "2026-01-31 23:59:59" */
const SECONDS_END = 19;
const YEAR_MIN = 1_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const HOUR_MINUTES = 60;

/** The moment, or undefined when it is written in another way. */
export function readTimestamp(bytes: Uint8Array, start: number, end: number): Date | undefined {
  if (
    bytes[start + 4] !== MINUS ||
    bytes[start + 7] !== MINUS ||
    bytes[start + 10] !== SPACE ||
    bytes[start + 13] !== COLON ||
    bytes[start + 16] !== COLON
  ) {
    return undefined;
  }
  const year = number(bytes, start, start + 4);
  if (!(year >= YEAR_MIN)) return undefined;
  let at = start + SECONDS_END;
  let fraction = 0;
  if (bytes[at] === DOT) {
    const first = at + 1;
    at = first;
    while (at < end && isDigit(bytes[at] as number)) at += 1;
    // The same rounding as parseFloat(".123456") * 1000: both are the nearest double.
    fraction = SECOND_MS * (number(bytes, first, at) / 10 ** (at - first));
  }
  const offset = offsetMinutes(bytes, at, end);
  const utc = Date.UTC(
    year,
    number(bytes, start + 5, start + 7) - 1,
    number(bytes, start + 8, start + 10),
    number(bytes, start + 11, start + 13),
    number(bytes, start + 14, start + 16),
    number(bytes, start + 17, start + SECONDS_END),
    fraction,
  );
  const time = utc - offset * MINUTE_MS;
  // NaN when anything was no digit.
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** What "+00", "-03" or "+05:30" at the end of a timestamp says, in minutes; NaN for anything else. */
function offsetMinutes(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at] === PLUS ? 1 : bytes[at] === MINUS ? -1 : Number.NaN;
  const hours = number(bytes, at + 1, at + 3);
  if (end === at + 3) return sign * hours * HOUR_MINUTES;
  if (end !== at + 6 || bytes[at + 3] !== COLON) return Number.NaN;
  return sign * (hours * HOUR_MINUTES + number(bytes, at + 4, at + 6));
}

/** The decimal number in these bytes; NaN when one is no digit, or there are none. */
function number(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (!isDigit(byte)) return Number.NaN;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9;
