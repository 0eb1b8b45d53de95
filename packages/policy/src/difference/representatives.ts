// For each column that conditions speak of, values enough to stand for all: two values that no comparison in the
// conditions tells apart need only one of them.
import type { Condition, Scalar } from "../condition.ts";
import type { ColumnType } from "../policy.ts";
import { compareScalars, readDecimal, readTimestamp } from "../scalar.ts";

/** Every condition inside one, itself included. */
export function partsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case "all":
    case "any":
      return [condition, ...condition.of.flatMap(partsOf)];
    case "not":
      return [condition, ...partsOf(condition.of)];
    default:
      return [condition];
  }
}

/** The constants with which the conditions compare a column. */
export function constantsOf(parts: readonly Condition[], column: string): readonly Scalar[] {
  return parts.flatMap((part) => ("column" in part && part.column === column ? ownConstants(part) : []));
}

/** Names every kind, so that none is forgotten: without its constants, a change of it would be called equivalent. */
function ownConstants(part: Extract<Condition, { readonly column: string }>): readonly Scalar[] {
  switch (part.kind) {
    case "compare":
      return [part.value];
    case "oneOf":
      return part.values;
    case "owner":
    case "isNull":
    case "time":
    case "member":
      return [];
  }
}

/** The present moment where any would do, since no constant is compared with it. */
export const momentNow = Date.UTC(2030, 0, 1);

/**
 * Present moments enough to stand for all. A column that is compared both with constants and with the present may lie on either side of
 * the present, and the present on either side of each constant.
 */
export function momentsFor(parts: readonly Condition[]): readonly number[] {
  const timed = new Set(parts.flatMap((part) => (part.kind === "time" ? [part.column] : [])));
  const constants = [...timed].flatMap((column) => constantsOf(parts, column));
  const moments = constants.flatMap((constant) => {
    const microseconds = readTimestamp(String(constant));
    if (microseconds === null) return [];
    const milliseconds = Number(microseconds / 1_000n);
    return Number.isSafeInteger(milliseconds) ? [milliseconds - 1, milliseconds, milliseconds + 1] : [];
  });
  return [...new Set([momentNow, ...moments])];
}

/** The moment itself, and a microsecond to either side. */
function around(moment: number): readonly string[] {
  return [before(moment), new Date(moment).toISOString(), momentAfter(new Date(moment).toISOString())];
}

const before = (moment: number): string => `${new Date(moment - 1).toISOString().slice(0, -1)}999Z`;

/**
 * Non-null values of the type, one at least of every class that the constants tell apart: each constant and a neighbour on
 * either side. Subject ids are in the caller's hands.
 */
export function representativesOf(
  type: ColumnType,
  constants: readonly Scalar[],
  nows: readonly number[] = [momentNow],
): readonly Scalar[] {
  switch (type) {
    case "boolean":
      return [true, false];
    case "uuid":
      return constants;
    case "jsonb":
      return ["{}"];
    case "text":
      // k + U+0001 is the next text after k in code point order, and "" is the first of all.
      return ["", "\u0001", ...constants.flatMap((constant) => [constant, `${constant}\u0001`])];
    case "integer":
      return [0, ...constants.flatMap((constant) => neighbours(constant).map(Number))].filter((value) =>
        fits(type, value),
      );
    case "bigint":
      return ["0", ...constants.flatMap((constant) => neighbours(constant).map(String))].filter((value) =>
        fits(type, value),
      );
    case "numeric":
      return ["-infinity", "NaN", "0", ...between(constants)];
    case "date":
      return ["-infinity", "infinity", ...constants.flatMap((constant) => [constant, dayAfter(String(constant))])];
    case "timestamptz":
      return [
        "-infinity",
        "infinity",
        ...nows.flatMap(around),
        ...constants.flatMap((constant) => [constant, momentAfter(String(constant))]),
      ];
  }
}

function fits(type: ColumnType, value: Scalar): boolean {
  return compareScalars(type, value, value) === 0;
}

function neighbours(constant: Scalar): readonly bigint[] {
  const value = BigInt(constant);
  return [value - 1n, value, value + 1n];
}

/** Each constant, and a number between it and the next larger one. */
function between(constants: readonly Scalar[]): readonly string[] {
  const sorted = constants.map(String).toSorted((left, right) => compareScalars("numeric", left, right) ?? 0);
  return sorted.flatMap((constant, index) => {
    const next = sorted[index + 1];
    return next === undefined ? [constant] : [constant, middle(constant, next)];
  });
}

function middle(left: string, right: string): string {
  const [low, high] = [readDecimal(left), readDecimal(right)];
  if (low === null || high === null) return left;
  const scale = Math.max(low.scale, high.scale);
  const sum = low.digits * 10n ** BigInt(scale - low.scale) + high.digits * 10n ** BigInt(scale - high.scale);
  // Half of a sum of digits × 10^-scale is five times the sum × 10^-(scale + 1).
  return `${sum * 5n}e-${scale + 1}`;
}

const dayMs = 86_400_000;

function dayAfter(date: string): string {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + dayMs).toISOString();
  return next.startsWith("+") ? "infinity" : next.slice(0, 10);
}

/** One microsecond later. */
function momentAfter(moment: string): string {
  const microseconds = readTimestamp(moment);
  if (microseconds === null) return moment;
  const next = microseconds + 1n;
  const remainder = ((next % 1_000n) + 1_000n) % 1_000n;
  const text = new Date(Number((next - remainder) / 1_000n)).toISOString();
  return text.startsWith("+") ? "infinity" : `${text.slice(0, -1)}${String(remainder).padStart(3, "0")}Z`;
}
