// What is told about backups: types only, read by the console and the command line. Times are milliseconds since 1970.

/** One thing a drill looked at. */
export interface DrillStep {
  readonly name: DrillStepName;
  readonly result: "held" | "broken" | "unproven";
  /** One sentence. */
  readonly seen: string;
}

/** In the order in which a drill goes. */
export type DrillStepName =
  | "archive"
  | "files"
  | "recovery"
  | "heartbeat"
  | "logs"
  | "pages"
  | "policy"
  | "attack"
  | "sealed"
  | "time";

export interface DrillReport {
  readonly format: 1;
  readonly id: string;
  readonly backup: string;
  readonly system: string;
  readonly policyHash: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** The moment that was restored, in milliseconds since 1970 by the database's clock; null when it did not come that far. */
  readonly restoredTo: number | null;
  readonly result: "passed" | "failed";
  readonly steps: readonly DrillStep[];
  /** What a disaster at the drill's beginning would have lost, in milliseconds; null when nothing could be restored. */
  readonly recoveryPointMs: number | null;
  /** From the beginning until the restored data answered, in milliseconds. */
  readonly recoveryTimeMs: number | null;
}

/** A report with its signature: Ed25519 over the text, which is canonical JSON. */
export interface SignedDrill {
  readonly report: string;
  /** base64 */
  readonly signature: string;
  /** SHA-256 of the public key, hexadecimal. */
  readonly key: string;
}

/**
 * `proven`: its newest drill passed. `unproven`: none yet, and it does not count. `failed`: its newest drill failed. `damaged`:
 * the target no longer holds what was stored.
 */
export type BackupState = "proven" | "unproven" | "failed" | "damaged";

export interface BackupSummary {
  readonly id: string;
  readonly state: BackupState;
  /** By the database's clock; null when the record cannot be read. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly plainBytes: number | null;
  readonly storedBytes: number | null;
  readonly serverVersion: string | null;
  /** The backup it builds on; null when it is full. */
  readonly parent: string | null;
  /** Id of its newest drill. */
  readonly drill: string | null;
  /** Why it is damaged or its drill failed. */
  readonly problem: string | null;
}

export interface BackupRun {
  /** `increment`: a backup of what has changed since the newest one. */
  readonly kind: "backup" | "increment" | "drill";
  readonly startedAt: number;
  readonly step: "copying" | "restoring" | "removing";
  /** Bytes that have arrived while copying. */
  readonly bytes: number;
}

/** GET /platform/v1/backups */
export interface BackupStatus {
  /** False: the policy asks for none, or this deployment cannot make any. */
  readonly on: boolean;
  /** Why not, although the policy asks for them. */
  readonly refusal: string | null;
  readonly now: number;
  /** Folder or bucket. */
  readonly target: string | null;
  readonly everySeconds: number | null;
  readonly keepSeconds: number | null;
  /** How often one is full; null: each is. */
  readonly fullEverySeconds: number | null;
  readonly recoveryPointSeconds: number;
  readonly recoveryTimeSeconds: number;
  readonly running: BackupRun | null;
  /** When the next backup is due. */
  readonly dueAt: number | null;
  /** Since when one is overdue, or the archive is too far behind; null when all is well. */
  readonly lateSince: number | null;
  readonly archive: {
    readonly running: boolean;
    /** Up to when, by the database's clock, everything is archived. */
    readonly reachesTo: number | null;
    readonly problem: string | null;
  };
  /** Newest first. */
  readonly backups: readonly BackupSummary[];
  /** Every moment in them can be restored; newest first. */
  readonly recoverable: readonly { readonly from: number; readonly to: number }[];
  /** The indicator: jobs of the time that is kept, and how many of them ended with a passed drill. */
  readonly jobs: { readonly ended: number; readonly proven: number };
  readonly newestDrill: DrillReport | null;
  /** The newest job since the start that made no backup, or could not restore one. */
  readonly lastFailure: { readonly at: number; readonly code: string; readonly seen: string } | null;
}

/** GET /platform/v1/backups/drills: newest first, at most 100. */
export interface DrillPage {
  readonly drills: readonly (SignedDrill & { readonly statement: DrillReport })[];
  /** Verifies every signature; SPKI in PEM. */
  readonly publicKey: string;
}

/** POST /platform/v1/backups and /backups/increments (a backup and its drill), and POST /platform/v1/backups/drills (of the newest backup). */
export interface BackupAccepted {
  readonly run: BackupRun;
}
