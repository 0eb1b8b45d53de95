// The JSON shapes of the platform API, as the console and the command line read them. Types only: importing this file brings
// no code. Every time is milliseconds since 1970; every list is newest first and carries `next`, the cursor of the next page.
import type { Control, Layer } from "@holdfast/policy";
import type { Alert } from "../alerts/alert.ts";
import type { ControlStatus, Matrix, Score, StatusReason } from "../controls/control-status.ts";
import type { EventRecord } from "../events/event-record.ts";
import type { EvidenceRow } from "../evidence/evidence-row.ts";
import type { Incident, IncidentResponse } from "../incidents/incident.ts";
import type { ChainReport } from "../store/chain-report.ts";

export type { Acknowledgement, Alert, AlertRule, AlertScope, AlertState } from "../alerts/alert.ts";
export type * from "../audit/audit-shapes.ts";
export type * from "../backups/backup-status.ts";
export type {
  ControlStatus,
  Matrix,
  MatrixRow,
  Score,
  StatusReason,
  StatusReasonCode,
} from "../controls/control-status.ts";
/** GET /platform/v1/events answers an `EventPage`; GET /platform/v1/evidence?check&limit&cursor an `EvidencePage`. */
export type { EventPage, EventQuery, EventRecord } from "../events/event-record.ts";
export type { EvidencePage, EvidenceRow } from "../evidence/evidence-row.ts";
export type { Incident, IncidentEntry, IncidentResponse, IncidentState } from "../incidents/incident.ts";
export type * from "../performance/performance-shapes.ts";
export type * from "../replicas/replica-status.ts";
export type { ChainFault, ChainReport } from "../store/chain-report.ts";
export type * from "./data-shapes.ts";
export type * from "./people-shapes.ts";

export interface Health {
  readonly state: "ready" | "degraded";
  /** Names of the parts that do not work now, for example "database"; empty when ready. */
  readonly failing: readonly string[];
  /** Events waiting to be written. */
  readonly eventsWaiting: number;
  /** Events lost since the start because the bounded queue was full. */
  readonly eventsDropped: number;
}

/** GET /platform/v1/summary */
export interface Summary {
  readonly application: { readonly name: string; readonly origin: string };
  readonly now: number;
  readonly policyHash: string;
  readonly score: Score;
  readonly matrix: Matrix;
  readonly alertsOpen: number;
  readonly incidentsOpen: number;
  /** How many of the open alerts our own checks caused. They count as open all the same. */
  readonly alertsOpenCausedByChecks: number;
  /** The KPI "incident response time" and its target. */
  readonly incidentResponse: IncidentResponse;
  readonly events: { readonly newestSeq: number; readonly last24Hours: number; readonly failedSignIns24Hours: number };
  /** Checks that were proven in the last hour and how many attempts they made. */
  readonly proving: { readonly checksLastHour: number; readonly attemptsLastHour: number; readonly running: boolean };
  readonly health: Health;
}

/** A message that a deployment without mail kept instead of sending it. */
export interface InboxMessage {
  readonly id: string;
  readonly at: number;
  readonly to: { readonly kind: "email" | "phone"; readonly address: string };
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly link?: string;
  readonly code?: string;
}

/** GET /platform/v1/inbox?limit (50 unless given), newest first. */
export interface InboxPage {
  /** `smtp`: messages are sent, and none is kept. */
  readonly delivers: "inbox" | "smtp";
  readonly messages: readonly InboxMessage[];
}

/** One version of a key that is nobody's own: what opens and seals with it, never the key. */
export interface KeyVersion {
  readonly version: number;
  /** `active` seals and opens, `decrypt-only` opens what was sealed before, `revoked` does neither. */
  readonly state: "active" | "decrypt-only" | "revoked";
  readonly madeAt: number;
}

/** The data keys of one purpose and class of data; of all subjects together. */
export interface KeyGroup {
  readonly purpose: string;
  readonly dataClass: string;
  /** How many people have a key of their own. */
  readonly subjects: number;
  readonly active: number;
  readonly decryptOnly: number;
  readonly revoked: number;
  /** Milliseconds since 1970; null where none is active. */
  readonly oldestActiveAt: number | null;
  /** The root key's file, or the ARN of a key management service's key. */
  readonly guardedBy: readonly string[];
  /** Newest first, at most 20; none where every subject has a key of their own. */
  readonly versions: readonly KeyVersion[];
}

/** GET /platform/v1/keys */
export interface KeyList {
  readonly keys: readonly KeyGroup[];
}

/** Progress of an "attack again" run. */
export interface ProofRun {
  readonly id: string;
  readonly control: string;
  readonly checks: readonly string[];
  /** Checks of this run whose evidence has arrived. */
  readonly finished: readonly string[];
  readonly state: "running" | "finished" | "failed";
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly startedBy: string;
  /** What went wrong, for people; null unless `failed`. */
  readonly problem: string | null;
}

export interface ControlSummary {
  readonly id: string;
  readonly kind: Control["kind"];
  readonly sentence: string;
  readonly plan: Control["plan"];
  readonly layers: readonly Layer[];
  readonly status: ControlStatus;
  readonly reasons: readonly StatusReason[];
  /** Ids of the required checks. */
  readonly checks: readonly string[];
  /** When the newest evidence of any required check was finished. */
  readonly provenAt: number | null;
  readonly running: boolean;
}

/** GET /platform/v1/controls */
export interface ControlList {
  readonly controls: readonly ControlSummary[];
  readonly score: Score;
}

export interface CheckDetail {
  readonly id: string;
  readonly status: "held" | "broken" | "unproven";
  readonly reasons: readonly StatusReason[];
  /** Newest run against this deployment. */
  readonly newest: EvidenceRow | null;
  /** Newest run against the check's broken twin. */
  readonly sabotage: EvidenceRow | null;
  /** Earlier evidence of the check, newest first, at most 20. */
  readonly history: readonly EvidenceRow[];
}

/** GET /platform/v1/controls/:id */
export interface ControlDetail extends ControlSummary {
  readonly maps: Control["maps"];
  readonly intervalSeconds: number;
  readonly checkDetails: readonly CheckDetail[];
  /** The newest "attack again" run of this control since the start; null when there was none. */
  readonly run: ProofRun | null;
}

/** POST /platform/v1/controls/:id/prove answers 202 with this. */
export interface ProveAccepted {
  readonly run: ProofRun;
}

/** GET /platform/v1/events/verify: every hash chain. */
export interface VerifyReport {
  readonly intact: boolean;
  readonly events: ChainReport;
  readonly evidence: ChainReport;
  readonly alerts: ChainReport;
  readonly incidents: ChainReport;
}

/** What is said of an alert or an incident besides; it changes nothing about it. */
interface Cause {
  /** The checks of our own that caused all of it, as far as the logs show; null otherwise. A forged correlation can look like it. */
  readonly causedByCheck: string | null;
}

export interface AlertView extends Alert, Cause {}
export interface IncidentView extends Incident, Cause {}

/** GET /platform/v1/alerts?state&limit&cursor */
export interface AlertPage {
  readonly alerts: readonly AlertView[];
  readonly next: number | null;
}

/** GET /platform/v1/incidents?state&limit&cursor */
export interface IncidentPage {
  readonly incidents: readonly IncidentView[];
  readonly next: number | null;
}

/** GET /platform/v1/incidents/:id */
export interface IncidentDetail extends IncidentView {
  readonly alertDetails: readonly AlertView[];
}

/** POST /platform/v1/evidence with `{observations}`, 1 to 200 of them: 201 */
export interface EvidenceAccepted {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** GET /platform/v1/events/stream: server-sent events; `event:` is the key here, `data:` the JSON of its value. */
export interface StreamMessages {
  /** A recorded event; `id:` is its seq, so that a reconnecting browser continues with Last-Event-ID. */
  readonly event: EventRecord;
  readonly alert: Alert;
  readonly incident: Incident;
  readonly proof: ProofRun;
  /** Sent once at the start and then every 15 s. */
  readonly heartbeat: { readonly now: number };
  /** The last message: why the server ends the stream. */
  readonly end: { readonly reason: "session-ended" | "token-expired" | "stopping" | "too-slow" };
}

/** Every refusal and failure (RFC 9457, `application/problem+json`). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
  readonly requestId?: string;
}
