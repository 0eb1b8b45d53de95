// Values of columns, read exactly as PostgreSQL reads and orders them. A value that does not fit its type has no key, and
// whatever is compared with it is unknown.
import type { Scalar } from "./condition.ts";
import { ownField } from "./own-field.ts";
import type { ColumnType } from "./policy.ts";

/** Types whose values can be compared at all. */
export const comparableTypes: readonly ColumnType[] = [
  "uuid",
  "text",
  "integer",
  "bigint",
  "boolean",
  "timestamptz",
  "date",
  "numeric",
];

/** Types for which less and more make sense. */
export const orderedTypes: readonly ColumnType[] = ["text", "integer", "bigint", "timestamptz", "date", "numeric"];

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The canonical text of a uuid (lower case), or null. */
export function canonicalUuid(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const lower = value.toLowerCase();
  return uuidPattern.test(lower) ? lower : null;
}

/** True when a constant of a policy fits a column of this type. */
export function fitsType(type: ColumnType, value: unknown): value is Scalar {
  if (typeof value === "number" && !Number.isFinite(value)) return false;
  if (typeof value === "string" && endlessPattern.test(value) && type !== "text") return false;
  return isScalar(value) && orderKey(type, value) !== null;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Less than, equal to or more than zero, as PostgreSQL orders the two; null where one of them does not fit the type. */
export function compareScalars(type: ColumnType, left: Scalar, right: Scalar): number | null {
  const [leftKey, rightKey] = [orderKey(type, left), orderKey(type, right)];
  if (leftKey === null || rightKey === null) return null;
  if (typeof leftKey === "object" && typeof rightKey === "object") return compareDecimals(leftKey, rightKey);
  if (type === "text") return compareCodePoints(String(leftKey), String(rightKey));
  return leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0;
}

type OrderKey = string | bigint | Decimal;

function orderKey(type: ColumnType, value: Scalar): OrderKey | null {
  switch (type) {
    case "uuid":
      return canonicalUuid(value);
    case "text":
      // PostgreSQL text holds neither U+0000 nor halves of surrogate pairs.
      return typeof value === "string" && !/\0|\p{Surrogate}/u.test(value) ? value : null;
    case "boolean":
      return typeof value === "boolean" ? (value ? 1n : 0n) : null;
    case "integer":
      return typeof value === "number" ? integerKey(value, integerMin, integerMax) : null;
    case "bigint":
      return integerKey(value, bigintMin, bigintMax);
    case "numeric":
      return typeof value === "boolean" ? null : readDecimal(String(value));
    case "date":
      return typeof value === "string" ? readDate(value) : null;
    case "timestamptz":
      return typeof value === "string" ? readTimestamp(value) : null;
    case "jsonb":
      return null;
  }
}

const integerMin = -2_147_483_648n;
const integerMax = 2_147_483_647n;
const bigintMin = -9_223_372_036_854_775_808n;
const bigintMax = 9_223_372_036_854_775_807n;

function integerKey(value: Scalar, min: bigint, max: bigint): bigint | null {
  if (
    typeof value === "number"
      ? !Number.isSafeInteger(value)
      : typeof value !== "string" || !/^-?[0-9]{1,19}$/.test(value)
  )
    return null;
  const key = BigInt(value);
  return key >= min && key <= max ? key : null;
}

// Numeric. ------------------------------------------------------------------------------------------------------------

/** A number of any precision. */
export interface Decimal {
  /** -1 and 1 for the infinities, 2 for NaN, which PostgreSQL puts above everything; 0 for ordinary numbers. */
  readonly rank: -1 | 0 | 1 | 2;
  readonly digits: bigint;
  /** The number is digits × 10^-scale. */
  readonly scale: number;
}

const decimalPattern = /^(-?)([0-9]{0,400})(?:\.([0-9]{0,400}))?(?:e([+-]?[0-9]{1,3}))?$/i;
const endlessPattern = /^[+-]?(?:infinity|nan)$/i;
const ranks: Readonly<Record<string, Decimal["rank"]>> = { nan: 2, infinity: 1, "-infinity": -1 };

/** A number as PostgreSQL's numeric reads it, or null. */
export function readDecimal(text: string): Decimal | null {
  const rank = ownField(ranks, text.toLowerCase());
  if (rank !== undefined) return { rank, digits: 0n, scale: 0 };
  const match = decimalPattern.exec(text);
  const digits = `${match?.[2] ?? ""}${match?.[3] ?? ""}`;
  if (match === null || digits === "") return null;
  const scale = (match[3] ?? "").length - Number(match[4] ?? 0);
  const value = BigInt(digits) * (match[1] === "-" ? -1n : 1n);
  return scale >= 0 ? { rank: 0, digits: value, scale } : { rank: 0, digits: value * 10n ** BigInt(-scale), scale: 0 };
}

function compareDecimals(left: Decimal, right: Decimal): number {
  if (left.rank !== right.rank) return left.rank < right.rank ? -1 : 1;
  const scale = Math.max(left.scale, right.scale);
  const leftDigits = left.digits * 10n ** BigInt(scale - left.scale);
  const rightDigits = right.digits * 10n ** BigInt(scale - right.scale);
  return leftDigits < rightDigits ? -1 : leftDigits > rightDigits ? 1 : 0;
}

// Dates and moments. --------------------------------------------------------------------------------------------------

const datePattern = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const timestampPattern =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)$/;
const dayMicroseconds = 86_400_000_000n;
const minuteMicroseconds = 60_000_000n;
const secondMicroseconds = 1_000_000n;
const endless: Readonly<Record<string, bigint>> = { infinity: 1n << 80n, "-infinity": -(1n << 80n) };

/** Days since 1970-01-01 of a day that exists in the calendar. */
function readDate(text: string): bigint | null {
  const extreme = ownField(endless, text);
  if (extreme !== undefined) return extreme;
  const match = datePattern.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return BigInt(daysBefore(year, month) + day - 1);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const daysBefore1970 = 719_162;

/** Days from 1970-01-01 to the first of the month, in the proleptic Gregorian calendar. */
function daysBefore(year: number, month: number): number {
  const past = year - 1;
  let days = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - daysBefore1970;
  for (let earlier = 1; earlier < month; earlier += 1) days += daysInMonth(year, earlier);
  return days;
}

/** Microseconds since 1970 of an ISO 8601 moment with a zone, to PostgreSQL's own precision. */
export function readTimestamp(text: string): bigint | null {
  const extreme = ownField(endless, text);
  if (extreme !== undefined) return extreme;
  const match = timestampPattern.exec(text);
  const [, day = "", , , , , zone = "Z"] = match ?? [];
  const days = readDate(day);
  if (match === null || days === null) return null;
  const [hours, minutes, seconds] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const offset = zone === "Z" ? 0 : readOffset(zone);
  if (hours > 23 || minutes > 59 || seconds > 59 || offset === null) return null;
  const fraction = BigInt((match[5] ?? "").padEnd(6, "0"));
  return (
    days * dayMicroseconds +
    BigInt(hours * 60 + minutes - offset) * minuteMicroseconds +
    BigInt(seconds) * secondMicroseconds +
    fraction
  );
}

/** Minutes east of Greenwich; PostgreSQL accepts less than 16 hours. */
function readOffset(text: string): number | null {
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.length > 3 ? text.slice(-2) : 0)];
  if (hours > 15 || minutes > 59) return null;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * Code point order, PostgreSQL's collation "C" for UTF-8. JavaScript's own comparison goes by UTF-16 code units and puts
 * U+10000 before U+E000.
 */
function compareCodePoints(left: string, right: string): number {
  const rightPoints = right[Symbol.iterator]();
  for (const leftPoint of left) {
    const next = rightPoints.next();
    if (next.done === true) return 1;
    const difference = (leftPoint.codePointAt(0) ?? 0) - (next.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return rightPoints.next().done === true ? 0 : -1;
}
