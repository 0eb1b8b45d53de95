// The JSON shapes of the platform API, as the console and the command line read them. Types only: importing this file brings
// no code. Every time is milliseconds since 1970; every list is newest first and carries `next`, the cursor of the next page.
import type { Control, EventName, Layer, Observation } from "@holdfast/policy";

/** The control's status, computed from evidence; there is no way to set it. */
export type ControlStatus = "held" | "broken" | "unproven" | "excepted" | "out-of-scope";

/** Why a check, and so a control, is not `held`. */
export type StatusReasonCode =
  /** Nothing has been built yet that could prove the control. */
  | "no-check"
  /** The check has no evidence at all. */
  | "never-ran"
  /** The newest evidence is older than the window (2 × the control's interval). */
  | "stale"
  /** The newest evidence, or its sabotage, is of another version of the check. */
  | "other-version"
  /** The newest evidence, or its sabotage, was gathered under another policy. */
  | "other-policy"
  /** The newest run examined an empty population. */
  | "looked-at-nothing"
  /** The newest run errored or could not decide. */
  | "inconclusive"
  /** The evidence claims to be from the future. */
  | "from-the-future"
  /** The newest run shows the attack succeeding. */
  | "attack-succeeded"
  /** The check has never been seen to turn red on its broken twin. */
  | "sabotage-never-ran"
  /** The newest sabotage did not turn the check red, or could not decide. */
  | "sabotage-not-caught"
  /** The newest sabotage is older than its window (7 days). */
  | "sabotage-stale"
  /** A live exception covers a broken control. */
  | "excepted"
  /** The control was put out of scope, with a reason and an approver. */
  | "out-of-scope";

export interface StatusReason {
  readonly code: StatusReasonCode;
  /** The check concerned, where one is. */
  readonly check: string | null;
  /** One sentence for people. */
  readonly sentence: string;
}

/** Held ÷ in scope, always with its parts. */
export interface Score {
  readonly held: number;
  readonly broken: number;
  readonly unproven: number;
  readonly excepted: number;
  readonly outOfScope: number;
  /** `total - outOfScope`: the denominator. */
  readonly inScope: number;
  readonly total: number;
  /** "87 of 92 controls held · 3 excepted · 1 broken · 1 unproven". */
  readonly sentence: string;
}

export interface MatrixRow {
  readonly control: string;
  readonly sentence: string;
  readonly kind: Control["kind"];
  /** The status in each layer the control is enforced in; null where it is not. Aligned with `Matrix.layers`. */
  readonly cells: readonly (ControlStatus | null)[];
}

/** Controls × layers. */
export interface Matrix {
  readonly layers: readonly Layer[];
  readonly rows: readonly MatrixRow[];
  /** One score per layer, aligned with `layers`. */
  readonly scores: readonly Score[];
}

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
  /** Seconds from the first evidence event to the acknowledgement by a person: the KPI and its target. */
  readonly incidentResponse: {
    readonly targetSeconds: number;
    readonly worstSeconds: number | null;
    readonly acknowledged: number;
    readonly waiting: number;
  };
  readonly events: { readonly newestSeq: number; readonly last24Hours: number; readonly failedSignIns24Hours: number };
  /** Checks that were proven in the last hour and how many attempts they made. */
  readonly proving: { readonly checksLastHour: number; readonly attemptsLastHour: number; readonly running: boolean };
  readonly health: Health;
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

/** One recorded security event. */
export interface EventRecord {
  readonly seq: number;
  readonly name: EventName;
  readonly at: number;
  readonly recordedAt: number;
  /** What the event's name means, in one sentence. */
  readonly sentence: string;
  /** OCSF class_uid and severity_id (1 informational … 5 critical). */
  readonly classUid: number;
  readonly severityId: number;
  readonly outcome: "success" | "failure";
  readonly subject: string | null;
  readonly sessionId: string | null;
  readonly address: string | null;
  readonly route: string | null;
  readonly service: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly correlation: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
  /** The whole record as it is stored and chained (OCSF JSON). */
  readonly ocsf: Readonly<Record<string, unknown>>;
  readonly previousHash: string;
  readonly hash: string;
}

/** Query of GET /platform/v1/events. All parts are optional and are ANDed. */
export interface EventQuery {
  /** Only events at or after this moment (ms). */
  readonly after?: number;
  /** Only events before this moment (ms). */
  readonly before?: number;
  readonly name?: string;
  readonly correlation?: string;
  /** The `next` of the previous page. */
  readonly cursor?: number;
  /** 1 to 200; 50 when absent. */
  readonly limit?: number;
}

/** GET /platform/v1/events, newest first. */
export interface EventPage {
  readonly events: readonly EventRecord[];
  readonly next: number | null;
}

export type ChainFault =
  /** The record's content does not hash to what is stored. */
  | "edited"
  /** The record does not continue its predecessor. */
  | "broken-link"
  /** A sequence number is missing. */
  | "missing"
  /** Records at the end that the sealed head knows are gone. */
  | "truncated"
  /** The sealed head is missing or cannot be opened although the log has records. */
  | "head-unreadable";

/** GET /platform/v1/events/verify */
export interface ChainReport {
  readonly intact: boolean;
  /** Records that were read and hashed. */
  readonly verified: number;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly fault: { readonly seq: number; readonly kind: ChainFault; readonly sentence: string } | null;
}

/** GET /platform/v1/events/verify: both chains. */
export interface VerifyReport {
  readonly intact: boolean;
  readonly events: ChainReport;
  readonly evidence: ChainReport;
}

export interface Acknowledgement {
  /** The account id of the person, and its e-mail address where the token carries one. */
  readonly by: string;
  readonly email: string | null;
  readonly at: number;
  readonly note: string;
}

export type AlertRule = "failed-logins" | "api-errors" | "check-broken";

export interface Alert {
  readonly id: string;
  /** Same fingerprint, same alert: rule, group and scope. */
  readonly fingerprint: string;
  readonly rule: AlertRule;
  /** What the alert counts over: `overall`, or one `address`, `account` or `check`. */
  readonly scope: "overall" | "address" | "account" | "check";
  /** The address, account or check; "" when overall. */
  readonly group: string;
  readonly sentence: string;
  readonly severityId: number;
  readonly state: "open" | "acknowledged" | "closed";
  readonly firstEventAt: number;
  readonly lastEventAt: number;
  readonly raisedAt: number;
  /** How often the rule was reached again while the alert was not closed. */
  readonly repeats: number;
  /** Sequence numbers of the evidence: events (or evidence rows, for `check-broken`), at most 50. */
  readonly evidence: readonly number[];
  readonly incident: string | null;
  readonly acknowledgement: Acknowledgement | null;
}

/** GET /platform/v1/alerts?state&limit&cursor */
export interface AlertPage {
  readonly alerts: readonly Alert[];
  readonly next: number | null;
}

export interface IncidentEntry {
  readonly at: number;
  readonly kind: "opened" | "alert-added" | "acknowledged" | "closed";
  readonly by: string;
  readonly note: string;
}

export interface Incident {
  readonly id: string;
  readonly state: "open" | "acknowledged" | "closed";
  readonly sentence: string;
  readonly severityId: number;
  /** The first evidence event: the response clock starts here. */
  readonly firstEventAt: number;
  readonly openedAt: number;
  /** `firstEventAt` + the policy's target. */
  readonly dueAt: number;
  /** First evidence event to the acknowledgement by a person; null while nobody has acknowledged. */
  readonly responseSeconds: number | null;
  /** True when the acknowledgement came, or is now, later than `dueAt`. */
  readonly late: boolean;
  readonly alerts: readonly string[];
  readonly acknowledgement: Acknowledgement | null;
  readonly closing: Acknowledgement | null;
}

/** GET /platform/v1/incidents?state&limit&cursor */
export interface IncidentPage {
  readonly incidents: readonly Incident[];
  readonly next: number | null;
}

/** GET /platform/v1/incidents/:id */
export interface IncidentDetail extends Incident {
  readonly alertDetails: readonly Alert[];
  readonly timeline: readonly IncidentEntry[];
}

/** Body of POST …/acknowledge and …/close: 3 to 500 characters. */
export interface NoteInput {
  readonly note: string;
}

export interface EvidenceRow extends Observation {
  readonly seq: number;
  readonly receivedAt: number;
  readonly previousHash: string;
  readonly hash: string;
}

/** GET /platform/v1/evidence?check&limit&cursor */
export interface EvidencePage {
  readonly evidence: readonly EvidenceRow[];
  readonly next: number | null;
}

/** Body of POST /platform/v1/evidence: 1 to 200 observations. Answers 201 with `EvidenceAccepted`. */
export interface EvidenceInput {
  readonly observations: readonly Observation[];
}

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
