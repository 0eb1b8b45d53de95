// Durations, rate limits, sizes and shares as an author writes them, read into plain numbers.
import type { Limit } from "./policy.ts";
import { addIssue, type Report } from "./report.ts";

/** A whole number and a unit: seconds, minutes, hours or days. */
export type Duration = `${number}${"s" | "m" | "h" | "d"}`;

/** Requests in a window: a second, a minute, an hour or a day. */
export type LimitText = `${number}/${"s" | "min" | "h" | "d"}`;

/** A size: bytes as a number, or kibibytes or mebibytes as text. */
export type Bytes = number | `${number}${"KiB" | "MiB"}`;

const minuteSeconds = 60;
const hourSeconds = 3_600;
/** Seconds of a day. */
export const daySeconds = 86_400;
const unitSeconds = {
  s: 1,
  m: minuteSeconds,
  min: minuteSeconds,
  h: hourSeconds,
  d: daySeconds,
} as const;
type Unit = keyof typeof unitSeconds;

const durationPattern = /^([0-9]{1,9})(s|m|h|d)$/;
const limitPattern = /^([0-9]{1,9})\/(s|min|h|d)$/;
const bytesPattern = /^([0-9]{1,6})(KiB|MiB)$/;
const kibibyte = 1_024;

/** The durations that are safe at a place, both ends included. */
export interface DurationRange {
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** A duration in seconds; `otherwise` when absent or wrong (the latter with an issue). */
export function readDuration(
  report: Report,
  path: string,
  value: unknown,
  otherwise: number,
  range: DurationRange,
): number {
  if (value === undefined) return otherwise;
  const match = typeof value === "string" ? durationPattern.exec(value) : null;
  if (match === null) {
    addIssue(report, "duration/invalid", path, 'a duration such as "30m"', value);
    return otherwise;
  }
  const seconds = Number(match[1]) * unitSeconds[match[2] as Unit];
  if (seconds < range.minSeconds || seconds > range.maxSeconds) {
    addIssue(
      report,
      "duration/out-of-range",
      path,
      `between ${describeSeconds(range.minSeconds)} and ${describeSeconds(range.maxSeconds)}`,
      value,
    );
    return otherwise;
  }
  return seconds;
}

/** The largest unit that divides the duration: 5400 → "90m". */
export function describeSeconds(seconds: number): string {
  for (const [unit, size] of [
    ["d", daySeconds],
    ["h", hourSeconds],
    ["m", minuteSeconds],
  ] as const) {
    if (seconds > 0 && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

const requestsMax = 1_000_000;

/** A rate limit; `otherwise` when absent or wrong (the latter with an issue). */
export function readLimit(report: Report, path: string, value: unknown, otherwise: Limit): Limit {
  if (value === undefined) return otherwise;
  const match = typeof value === "string" ? limitPattern.exec(value) : null;
  const requests = Number(match?.[1] ?? 0);
  if (match === null || requests < 1 || requests > requestsMax) {
    addIssue(report, "limit/invalid", path, `1 to ${requestsMax} requests in a window, such as "300/min"`, value);
    return otherwise;
  }
  return { requests, windowSeconds: unitSeconds[match[2] as Unit] };
}

/** A size in bytes, at least 1. */
export function readBytes(report: Report, path: string, value: unknown, otherwise: number, bytesMax: number): number {
  if (value === undefined) return otherwise;
  const match = typeof value === "string" ? bytesPattern.exec(value) : null;
  const bytes = match === null ? value : Number(match[1]) * (match[2] === "KiB" ? kibibyte : kibibyte * kibibyte);
  if (typeof bytes === "number" && Number.isInteger(bytes) && bytes >= 1 && bytes <= bytesMax) return bytes;
  addIssue(report, "bytes/invalid", path, `1 to ${bytesMax} bytes`, value);
  return otherwise;
}

/** A whole number between `min` and `max`. */
export function readInteger(
  report: Report,
  path: string,
  value: unknown,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number") addIssue(report, "input/wrong-type", path, "a whole number", value);
  else if (Number.isInteger(value) && value >= min && value <= max) return value;
  else addIssue(report, "number/out-of-range", path, `a whole number between ${min} and ${max}`, value);
  return otherwise;
}

/** A share of a whole: more than 0, and less than 1 or, where `whole` is given, at most 1. */
export function readShare(report: Report, path: string, value: unknown, otherwise: number, whole?: "whole"): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number") addIssue(report, "input/wrong-type", path, "a number", value);
  else if (value > 0 && (value < 1 || (whole === "whole" && value === 1))) return value;
  else
    addIssue(
      report,
      "number/out-of-range",
      path,
      `more than 0 and ${whole === "whole" ? "at most" : "less than"} 1`,
      value,
    );
  return otherwise;
}
