// A recorded security event as it is read back. Types only: the console reads them too.
import type { EventName } from "@holdfast/policy";

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
  /** Who did it, where that is somebody else than the account concerned. */
  readonly actor: string | null;
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

export interface EventQuery {
  /** Only events at or after this moment (ms). */
  readonly after?: number;
  /** Only events before this moment (ms). */
  readonly before?: number;
  readonly name?: string;
  /** One of these names. */
  readonly names?: readonly string[];
  readonly correlation?: string;
  /** The `next` of the previous page. */
  readonly cursor?: number;
  /** 1 to 200; 50 when absent. */
  readonly limit?: number;
}

/** Newest first. */
export interface EventPage {
  readonly events: readonly EventRecord[];
  readonly next: number | null;
}
