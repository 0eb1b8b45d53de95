// What a rule found in the stream of events. Data only; what becomes of it is decided by the alerts.

type FindingRule =
  | "failed-logins"
  | "api-errors"
  | "check-broken"
  | "pool-overloaded"
  | "replica-lost"
  | "replica-log-kept"
  | BackupRule
  | "database-blocked"
  | "database-slow"
  | "database-filling"
  | "audit-tampered";
export type BackupRule =
  | "backup-failed"
  | "backup-late"
  | "backup-drill-failed"
  | "backup-log-degraded"
  | "backup-log-gap";
export type FindingScope = "overall" | "address" | "account" | "check" | "database";

export interface Finding {
  readonly rule: FindingRule;
  readonly scope: FindingScope;
  /** The address, account, check, or part of the database; "" when overall. */
  readonly group: string;
  /** One sentence for people. */
  readonly sentence: string;
  /** OCSF severity_id. */
  readonly severityId: 3 | 4 | 5;
  /** Event times of the oldest and the newest event of the evidence. */
  readonly firstEventAt: number;
  readonly lastEventAt: number;
  /** Sequence numbers of the evidence, oldest first, at most 50. */
  readonly evidence: readonly number[];
  /** Sequence number of the event that completed the evidence. */
  readonly seq: number;
}

/** Most sequence numbers that a finding cites. */
export const FINDING_EVIDENCE_MAX = 50;

/** What detection reads of an event. */
export interface DetectedEvent {
  readonly seq: number;
  readonly name: string;
  readonly at: number;
  readonly address: string | null;
  readonly subject: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}
