// Makes backups when they are due, drills each, removes what is too old, and tells when a job did not run, ran late or failed. One
// job at a time; everything about time comes from the clock that is given, so that a clock that jumps is only another time.

import type { EventName } from "@holdfast/policy";
import {
  type ArchiveChange,
  BackupError,
  type BackupRecord,
  expireBackups,
  type LogArchiver,
  listBackups,
  parseLogPosition,
  removeUnfinished,
  startLogArchiver,
  takeBaseBackup,
} from "@holdfast/postgres";
import type { BackupParts } from "./backup-parts.ts";
import type { BackupRun, BackupStatus } from "./backup-status.ts";
import { CommitWaits } from "./commit-waits.ts";
import { runDrill } from "./drill.ts";
import { drillDetail } from "./drill-report.ts";
import { beatHeart } from "./heartbeat.ts";
import { Lateness } from "./lateness.ts";
import { provenIn, readDrills, removeDrills, storeDrill } from "./stored-drills.ts";

const MINUTE_MS = 60_000;
/** A job that failed is tried again after so long, or a tenth of the interval when that is shorter. */
const RETRY_MS = 5 * MINUTE_MS;
const CATCH_UP_MS = 30_000;
const TENTH = 10;
const SEEN_CHARACTERS_MAX = 200;

export class BackupJobs {
  readonly #parts: BackupParts;
  readonly #stopping = new AbortController();
  readonly #commitWaits: CommitWaits;
  readonly #lateness: Lateness;
  #archiver: LogArchiver | undefined;
  #run: BackupRun | undefined;
  #job: Promise<void> | undefined;
  #failures = 0;
  #lastFailure: BackupStatus["lastFailure"] | undefined;
  #lastEndedAt: number | undefined;
  #retryAt = 0;
  #beatAt = 0;

  constructor(parts: BackupParts) {
    this.#parts = parts;
    this.#commitWaits = new CommitWaits({
      ...parts.continuity,
      waitForArchive: parts.waitForArchive,
      tell: (name, detail) => this.#tell(name, undefined, detail),
    });
    this.#lateness = new Lateness({
      everyMs: parts.continuity.backups.everySeconds * 1_000,
      recoveryPointMs: parts.continuity.recoveryPointSeconds * 1_000,
      tell: (name, reason, detail) => this.#tell(name, reason, detail),
    });
  }

  get running(): BackupRun | null {
    return this.#run ?? null;
  }

  /** Jobs since the start that ended without a passed drill. */
  get failures(): number {
    return this.#failures;
  }

  get lastFailure(): BackupStatus["lastFailure"] {
    return this.#lastFailure ?? null;
  }

  get lateSince(): number | null {
    return this.#lateness.since;
  }

  get archive(): LogArchiver | undefined {
    return this.#archiver;
  }

  get heartbeatMs(): number {
    const { recoveryPointSeconds } = this.#parts.continuity;
    return Math.max(1_000, Math.min(MINUTE_MS, recoveryPointSeconds * 500));
  }

  /** When the next backup is due: now while there is none. */
  dueAt(newest: BackupRecord | undefined, now: number): number {
    const everyMs = this.#parts.continuity.backups.everySeconds * 1_000;
    // A backup from the future was made before the clock was set back: it says nothing about when the next is due.
    const isKnown = newest !== undefined && newest.endedAt <= now + MINUTE_MS;
    const last = isKnown ? newest.endedAt : this.#lastEndedAt;
    return Math.max(this.#retryAt, last === undefined || last > now + MINUTE_MS ? now : last + everyMs);
  }

  /** Archives from now on. */
  start(): void {
    if (this.#archiver !== undefined) return;
    const { backupSettings: settings, target, keys, slot, continuity } = this.#parts;
    const storeWithinMs = Math.min(MINUTE_MS, continuity.recoveryPointSeconds * 500);
    this.#archiver = startLogArchiver({
      settings,
      target,
      keys,
      slot,
      storeWithinMs,
      onChange: (change) => this.#onArchiveChange(change),
    });
  }

  /** One look at the clock. Begins what is due, tells what is late. */
  async tick(): Promise<void> {
    const now = this.#parts.now();
    this.#lateness.look(now);
    if (this.#archiver === undefined) await this.#commitWaits.begin();
    this.start();
    await this.#commitWaits.look(now, this.#archiver?.state().reachesTo);
    await this.#beat(now);
    if (this.#job !== undefined) return;
    const newest = await this.#newest();
    if (now >= this.dueAt(newest, now)) this.request(await this.#dueKind(now));
    this.#lateness.tell(newest, this.#archiver?.state().reachesTo);
  }

  /** Full, or what has changed: full after a failure too, for what a new one builds on may be the reason. */
  async #dueKind(now: number): Promise<"backup" | "increment"> {
    const { fullEverySeconds } = this.#parts.continuity.backups;
    if (fullEverySeconds === null || this.#lastFailure !== undefined) return "backup";
    const full = (await this.#sound()).findLast(({ parent }) => parent === undefined);
    return full !== undefined && now < full.endedAt + fullEverySeconds * 1_000 ? "increment" : "backup";
  }

  /** Begins a job, unless one is under way. */
  request(kind: BackupRun["kind"], backup?: string): BackupRun | undefined {
    if (this.#job !== undefined || this.#stopping.signal.aborted) return undefined;
    this.start();
    this.#run = { kind, startedAt: this.#parts.now(), step: kind === "drill" ? "restoring" : "copying", bytes: 0 };
    this.#job = this.#work(kind, backup).finally(() => {
      this.#job = undefined;
      this.#run = undefined;
      this.#parts.onJobEnd();
    });
    return this.#run;
  }

  /** Resolves when no job is under way. */
  async settled(): Promise<void> {
    await this.#job;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#job;
    if (this.#archiver !== undefined) await this.#commitWaits.end();
    await this.#archiver?.stop();
  }

  async #work(kind: BackupRun["kind"], backup: string | undefined): Promise<void> {
    const { target, continuity } = this.#parts;
    try {
      const id = backup ?? (await (kind === "drill" ? this.#newest() : this.#copy(kind)))?.id;
      if (id === undefined) throw none("to restore on trial");
      this.#note("restoring");
      const passed = await this.#drill(id);
      if (!passed) return this.#fail(kind, "drill", "the restore drill failed"); // Told with the drill.
      this.#lastFailure = undefined;
      this.#lateness.mended();
      this.#lastEndedAt = this.#parts.now();
      this.#note("removing");
      const listed = await listBackups(target, this.#parts.keys);
      // The one that was just proven, and those that were before: nothing is removed in favour of what nobody could restore.
      const proven = provenIn(await readDrills(target, this.#parts.signer, new Map()));
      const { backups } = await expireBackups(target, listed, {
        keepMs: continuity.backups.keepSeconds * 1_000,
        now: this.#parts.now(),
        isCounted: (each) => proven.has(each),
      });
      await removeDrills(target, backups);
      if (backups.length > 0) this.#tell("backup.expired", undefined, { backups: backups.length });
    } catch (cause) {
      if (this.#stopping.signal.aborted) return; // Ended by us: the next start begins anew.
      const reason = (cause as { code?: string }).code ?? "drill";
      const seen = (cause as Error).message.slice(0, SEEN_CHARACTERS_MAX);
      this.#fail(kind, reason, seen);
      this.#tell("backup.failed", reason, { seen });
    }
  }

  #fail(kind: BackupRun["kind"], code: string, seen: string): void {
    this.#failures += 1;
    this.#lastFailure = { at: this.#parts.now(), code, seen };
    if (kind === "increment") return; // A full one, which is next, may succeed at once.
    const everyMs = this.#parts.continuity.backups.everySeconds * 1_000;
    this.#retryAt = this.#parts.now() + Math.min(RETRY_MS, everyMs / TENTH);
  }

  async #copy(kind: "backup" | "increment"): Promise<BackupRecord> {
    const { target, keys, backupSettings: settings } = this.#parts;
    const parent = kind === "increment" ? (await this.#newest())?.id : undefined;
    if (kind === "increment" && parent === undefined) throw none("to build on");
    await removeUnfinished(target);
    // Any moment of the backup's window has a beat before it, also where nothing has beaten yet.
    await beatHeart(this.#parts.database);
    await this.#parts.plant();
    const { signal } = this.#stopping;
    const record = await takeBaseBackup({
      settings,
      target,
      keys,
      signal,
      ...(parent === undefined ? {} : { parent }),
      onProgress: (bytes) => this.#note("copying", bytes),
    });
    this.#tell("backup.made", undefined, { backup: record.id, bytes: record.plainBytes, stored: record.storedBytes });
    return record;
  }

  async #drill(id: string): Promise<boolean> {
    const { target, signer, continuity, policyHash, databaseName: database } = this.#parts;
    const { keys, settings, dataDirectory, inspect, now, random } = this.#parts;
    const report = await runDrill(id, {
      target,
      keys,
      settings,
      database,
      dataDirectory,
      inspect,
      policyHash,
      now,
      random,
      heartbeatMs: this.heartbeatMs,
      recoveryPointMs: continuity.recoveryPointSeconds * 1_000,
      recoveryTimeMs: continuity.recoveryTimeSeconds * 1_000,
      archiveLag: () => this.#archiveLag(),
      signal: this.#stopping.signal,
    });
    this.#stopping.signal.throwIfAborted();
    const { signed } = await storeDrill(target, signer, report);
    const passed = report.result === "passed";
    const broken = report.steps.find(({ result }) => result === "broken");
    this.#tell(
      passed ? "backup.drill-passed" : "backup.drill-failed",
      broken?.name,
      drillDetail(report, signed.signature),
    );
    return passed;
  }

  /** How much a disaster now would lose; afterwards everything is archived that was committed by then. */
  async #archiveLag(): Promise<number> {
    const { database } = this.#parts;
    const archiver = this.#archiver as LogArchiver;
    const { reachesTo } = archiver.state();
    await beatHeart(database);
    const { rows } = await database.query<{ position: string; at: string }>(
      "SELECT pg_current_wal_flush_lsn()::text AS position, (extract(epoch from clock_timestamp()) * 1000)::bigint AS at",
    );
    await archiver.catchUp(parseLogPosition(rows[0]?.position ?? "") ?? 0n, CATCH_UP_MS);
    return reachesTo === undefined ? 0 : Math.max(0, Number(rows[0]?.at) - reachesTo);
  }

  #note(step: BackupRun["step"], bytes = 0): void {
    if (this.#run !== undefined) this.#run = { ...this.#run, step, bytes };
  }

  async #beat(now: number): Promise<void> {
    if (Math.abs(now - this.#beatAt) < this.heartbeatMs) return;
    this.#beatAt = now;
    await beatHeart(this.#parts.database).catch(() => undefined); // The database is away: the pulse tells that.
  }

  async #newest(): Promise<BackupRecord | undefined> {
    return (await this.#sound()).at(-1);
  }

  async #sound(): Promise<readonly BackupRecord[]> {
    const listed = await listBackups(this.#parts.target, this.#parts.keys).catch(() => []); // Away: the job's own failure tells why.
    return listed.flatMap(({ record }) => record ?? []);
  }

  #onArchiveChange(change: ArchiveChange): void {
    if (change.kind === "gap") {
      this.#tell("backup.log-gap", undefined, { from: change.from, to: change.to });
      this.#retryAt = 0;
      this.request("backup"); // Only a new base backup makes the present restorable again.
    }
    if (change.kind === "interrupted") this.#tell("backup.log-interrupted", change.cause.code, {});
  }

  #tell(name: EventName, reason: string | undefined, detail: Readonly<Record<string, string | number>>): void {
    const { emit, now } = this.#parts;
    emit({ name, at: now(), service: "platform", ...(reason === undefined ? {} : { reason }), detail });
  }
}

const none = (what: string): BackupError =>
  new BackupError("backup/none", { expected: `a backup ${what}`, found: "none", hint: "Make a full one first." });
