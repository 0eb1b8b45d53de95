// Tells once when a backup is overdue, or the archive is further behind than the policy allows, until it is mended. Time is the given
// clock's: after it jumped, or the machine slept, nothing is late before it had the time to be done.
import type { EventName } from "@holdfast/policy";
import type { BackupRecord } from "@holdfast/postgres";

const MINUTE_MS = 60_000;
/** How late a backup may be before somebody is told: five minutes, or a tenth of the interval. */
const GRACE_MS = 5 * MINUTE_MS;
/** Between two looks at the clock more than this has passed only if it jumped, or the machine slept. */
const JUMP_MS = 2 * MINUTE_MS;
const TENTH = 10;

export interface LatenessOptions {
  readonly everyMs: number;
  readonly recoveryPointMs: number;
  readonly tell: (name: EventName, reason: "backup" | "log", detail: Readonly<Record<string, number>>) => void;
}

export class Lateness {
  readonly #options: LatenessOptions;
  #lookedAt: number | undefined;
  #graceFrom = 0;
  #since: number | undefined;
  #isLogLate = false;

  constructor(options: LatenessOptions) {
    this.#options = options;
  }

  /** Since when a backup is overdue. */
  get since(): number | null {
    return this.#since ?? null;
  }

  /** A look at the clock. */
  look(now: number): void {
    if (this.#lookedAt === undefined || Math.abs(now - this.#lookedAt) > JUMP_MS) this.#graceFrom = now;
    this.#lookedAt = now;
  }

  /** A backup was made and proven. */
  mended(): void {
    this.#since = undefined;
  }

  /** After a look. `reachesTo`: up to when the log is archived, in milliseconds since 1970. */
  tell(newest: BackupRecord | undefined, reachesTo: number | undefined): void {
    const now = this.#lookedAt ?? 0;
    this.#tellBackup(now, newest);
    this.#tellLog(now, reachesTo);
  }

  #tellBackup(now: number, newest: BackupRecord | undefined): void {
    const { everyMs, tell } = this.#options;
    const isKnown = newest !== undefined && newest.endedAt <= now + MINUTE_MS;
    const wanted = isKnown ? newest.endedAt + everyMs : this.#graceFrom;
    const isLate = now > Math.max(wanted, this.#graceFrom) + Math.min(GRACE_MS, everyMs / TENTH);
    if (!isLate || this.#since !== undefined) return;
    this.#since = wanted;
    tell("backup.late", "backup", { seconds: Math.round((now - wanted) / 1_000) });
  }

  #tellLog(now: number, reachesTo: number | undefined): void {
    const { recoveryPointMs, tell } = this.#options;
    const behind = now - (reachesTo ?? this.#graceFrom);
    const isLate = behind > Math.max(recoveryPointMs, MINUTE_MS) + MINUTE_MS && now - this.#graceFrom > MINUTE_MS;
    if (isLate && !this.#isLogLate) tell("backup.late", "log", { seconds: Math.round(behind / 1_000) });
    this.#isLogLate = isLate;
  }
}
