// What the platform API tells of the database's performance. Types only. No value of any statement is in any of it.
import type { DatabaseStudy, DatabaseWatch, Forecast, SizeSample } from "@holdfast/postgres/performance";

export type * from "@holdfast/postgres/performance";

/** One moment, or the mean of several. What is told per second is told since the moment before; null where nothing can be. */
export interface LoadPoint {
  readonly at: number;
  readonly active: number;
  readonly blocked: number;
  readonly callsPerSecond: number | null;
  /** Seconds of execution in each second. */
  readonly load: number | null;
  /** Part of the blocks that were in the cache. */
  readonly hitShare: number | null;
}

export interface TableGrowth {
  readonly table: string;
  readonly bytes: number;
  readonly forecast: Forecast;
}

export interface Growth {
  readonly bytes: number | null;
  /** Free bytes of the disk that the data lies on; null where it is another machine's. */
  readonly diskFree: number | null;
  readonly forecast: Forecast;
  readonly samples: readonly SizeSample[];
  readonly tables: readonly TableGrowth[];
}

/** GET /platform/v1/performance */
export interface PerformanceReport {
  readonly now: number;
  /** Why the database could not be looked at; null while it can. */
  readonly failing: string | null;
  readonly watch: (DatabaseWatch & { readonly at: number }) | null;
  readonly study: (DatabaseStudy & { readonly at: number }) | null;
  /** Oldest first; since the platform's start, the last six hours at most. */
  readonly history: readonly LoadPoint[];
  readonly growth: Growth;
  /** What raises an alert. */
  readonly limits: PerformanceLimits;
  /** Part of the time in which the database is busy being looked at. */
  readonly lookingShare: number | null;
}

export interface PerformanceLimits {
  /** A wait for a lock that is longer. */
  readonly blockedMs: number;
  /** A mean of a statement between two studies that is longer, where it was called at least so often. */
  readonly slowMeanMs: number;
  readonly slowCalls: number;
  /** Less left, as it grows now. */
  readonly daysLeft: number;
}
