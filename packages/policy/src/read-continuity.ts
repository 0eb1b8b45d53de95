// How the application goes on after a loss: how much may be lost, how long it may take, and what is done for that.
import { daySeconds, describeSeconds, readDuration } from "./measure.ts";
import type { Policy } from "./policy.ts";
import { addIssue, type Report, readOptional } from "./report.ts";

const minuteSeconds = 60;
const hourSeconds = 3_600;

/** 0 seconds: commits wait until they are archived. */
const recoveryPoint = { minSeconds: 0, maxSeconds: daySeconds, otherwise: 5 * minuteSeconds };
const recoveryTime = { minSeconds: minuteSeconds, maxSeconds: 7 * daySeconds, otherwise: 15 * minuteSeconds };
const every = { minSeconds: minuteSeconds, maxSeconds: 7 * daySeconds, otherwise: hourSeconds };
/** PostgreSQL keeps what incremental backups are made from for ten days (wal_summary_keep_time). */
const fullEvery = { minSeconds: minuteSeconds, maxSeconds: 7 * daySeconds, otherwise: 0 };
const degrade = { minSeconds: 1, maxSeconds: hourSeconds, otherwise: 0 };
const keep = { minSeconds: hourSeconds, maxSeconds: 3_650 * daySeconds, otherwise: 30 * daySeconds };

/** Recovery point and time, and backups where the author asks for them. */
export function readContinuity(report: Report, value: unknown): Policy["continuity"] {
  const fields = readOptional(report, "continuity", value, [
    "backups",
    "recoveryPoint",
    "recoveryTime",
    "degradeAfter",
    "replicas",
  ]);
  const backups = fields.backups === undefined ? null : readBackups(report, fields.backups);
  const recoveryPointSeconds = readDuration(
    report,
    "continuity.recoveryPoint",
    fields.recoveryPoint,
    recoveryPoint.otherwise,
    recoveryPoint,
  );
  return {
    backups,
    recoveryPointSeconds,
    degradeAfterSeconds: readDegrade(report, fields.degradeAfter, backups !== null && recoveryPointSeconds === 0),
    recoveryTimeSeconds: readDuration(
      report,
      "continuity.recoveryTime",
      fields.recoveryTime,
      recoveryTime.otherwise,
      recoveryTime,
    ),
    replicas: readReplicas(report, fields.replicas),
  };
}

function readDegrade(report: Report, value: unknown, commitsWait: boolean): number | null {
  if (value === undefined) return null;
  const path = "continuity.degradeAfter";
  if (!commitsWait)
    addIssue(
      report,
      "duration/out-of-range",
      path,
      'backups and recoveryPoint: "0s" beside it, or nothing waits',
      value,
    );
  return readDuration(report, path, value, degrade.otherwise, degrade);
}

/** More of them than this on one machine serve nobody; a cluster of machines is an engine's business. */
const replicasMax = 8;

function readReplicas(report: Report, value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= replicasMax) return value;
  addIssue(report, "number/out-of-range", "continuity.replicas", `a whole number from 0 to ${replicasMax}`, value);
  return 0;
}

function readBackups(report: Report, value: unknown): Policy["continuity"]["backups"] {
  const path = "continuity.backups";
  const fields = readOptional(report, path, value, ["every", "keep", "fullEvery"]);
  const everySeconds = readDuration(report, `${path}.every`, fields.every, every.otherwise, every);
  const keepSeconds = readDuration(report, `${path}.keep`, fields.keep, keep.otherwise, keep);
  if (keepSeconds < everySeconds) {
    const expected = `at least ${describeSeconds(everySeconds)}, as long as it takes until the next backup`;
    addIssue(report, "duration/out-of-range", `${path}.keep`, expected, fields.keep);
  }
  return { everySeconds, keepSeconds, fullEverySeconds: readFullEvery(report, fields.fullEvery, everySeconds) };
}

function readFullEvery(report: Report, value: unknown, everySeconds: number): number | null {
  if (value === undefined) return null;
  const path = "continuity.backups.fullEvery";
  const seconds = readDuration(report, path, value, fullEvery.otherwise, fullEvery);
  if (seconds < everySeconds)
    addIssue(report, "duration/out-of-range", path, `at least ${describeSeconds(everySeconds)}, as every`, value);
  return seconds;
}
