// A security event as an OCSF record (Open Cybersecurity Schema Framework 1.8), and back. The record is what is stored, chained
// and exported; `EventRecord` is the same thing with short names. Only the fields named here are ever recorded.
import { canonicalJson, type EventName, eventKinds, type SecurityEvent } from "@holdfast/policy";
import type { EventRecord } from "./event-record.ts";
import { type Detail, sanitiseDetail, sanitiseText } from "./sanitise.ts";

const OCSF_VERSION = "1.8.0";
const PRODUCT = { name: "Holdfast", vendor_name: "Holdfast", version: "0.1.0" } as const;
const UNKNOWN = "unknown";

const ACCOUNT_CHANGE = 3001;
const AUTHENTICATION = 3002;
const ENTITY_MANAGEMENT = 3004;
const NETWORK_ACTIVITY = 4001;
const HTTP_ACTIVITY = 4002;
const APPLICATION_LIFECYCLE = 6002;
const API_ACTIVITY = 6003;
const DATASTORE_ACTIVITY = 6005;
const DETECTION_FINDING = 2004;
const INCIDENT_FINDING = 2005;

/** What of an event may be recorded, made harmless. */
export interface CleanEvent {
  readonly name: EventName;
  readonly at: number;
  readonly requestId?: string;
  readonly correlation?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly sessionId?: string;
  readonly address?: string;
  readonly route?: string;
  readonly service?: string;
  readonly reason?: string;
  readonly detail?: Detail;
}

const textFields = [
  "requestId",
  "correlation",
  "subject",
  "actor",
  "sessionId",
  "address",
  "route",
  "service",
  "reason",
] as const;

export function isEventName(name: unknown): name is EventName {
  return typeof name === "string" && Object.hasOwn(eventKinds, name);
}

/** Takes only the fields of the contract, sanitised; null when the name or the time is not one. */
export function cleanEvent(event: SecurityEvent): CleanEvent | null {
  if (!isEventName(event.name) || !Number.isSafeInteger(Math.trunc(event.at)) || event.at < 0) return null;
  const clean: Record<string, unknown> = { name: event.name, at: Math.trunc(event.at) };
  for (const field of textFields) {
    const value = event[field];
    if (typeof value === "string" && value !== "") clean[field] = sanitiseText(value);
  }
  if (typeof event.detail === "object" && event.detail !== null) clean.detail = sanitiseDetail(event.detail);
  return clean as unknown as CleanEvent;
}

/** Status ids differ: findings have a life cycle (1 new, 2 in progress, 4 resolved), everything else succeeded (1) or failed (2). */
function statusOf(event: CleanEvent, classUid: number): number {
  const kind = eventKinds[event.name];
  if (classUid !== DETECTION_FINDING && classUid !== INCIDENT_FINDING) return kind.outcome === "success" ? 1 : 2;
  return { 1: 1, 2: 2, 3: 4 }[kind.activityId as 1 | 2 | 3] ?? 99;
}

/** What each class requires beyond the base event. */
function classAttributes(event: CleanEvent, classUid: number): Record<string, unknown> {
  const service = { name: event.service ?? UNKNOWN };
  switch (classUid) {
    case ACCOUNT_CHANGE:
    case AUTHENTICATION:
      return { user: { uid: event.subject ?? UNKNOWN }, ...(classUid === AUTHENTICATION ? { service } : {}) };
    case ENTITY_MANAGEMENT:
      return { entity: { type: "data key", uid: String(event.detail?.["key"] ?? UNKNOWN) } };
    case NETWORK_ACTIVITY:
    case HTTP_ACTIVITY:
      return { dst_endpoint: service };
    case APPLICATION_LIFECYCLE:
      return { app: { name: event.service ?? PRODUCT.name, vendor_name: PRODUCT.vendor_name } };
    case API_ACTIVITY:
      return { api: { operation: event.route ?? UNKNOWN, service } };
    case DATASTORE_ACTIVITY:
      return { database: { name: event.service ?? UNKNOWN, type_id: 1 } };
    case DETECTION_FINDING:
      return { finding_info: { uid: findingUid(event), title: eventKinds[event.name].sentence } };
    case INCIDENT_FINDING:
      return {
        finding_info_list: [{ uid: findingUid(event), title: eventKinds[event.name].sentence }],
        assignee: { uid: event.subject ?? UNKNOWN },
      };
    default:
      return {};
  }
}

function findingUid(event: CleanEvent): string {
  const id = event.detail?.incident ?? event.detail?.alert ?? event.detail?.check;
  return typeof id === "string" ? id : UNKNOWN;
}

/** Where and when the log records an event, and under which id. */
export interface Recorded {
  readonly seq: number;
  readonly at: number;
  readonly uid: string;
}

/** The record of an event, ready to be chained. */
export function toOcsf(event: CleanEvent, recorded: Recorded): Record<string, unknown> {
  const kind = eventKinds[event.name];
  const [method, path] = event.route?.split(" ", 2) ?? [];
  return {
    class_uid: kind.classUid,
    category_uid: Math.floor(kind.classUid / 1000),
    activity_id: kind.activityId,
    type_uid: kind.classUid * 100 + kind.activityId,
    severity_id: kind.severityId,
    status_id: statusOf(event, kind.classUid),
    ...(event.reason === undefined ? {} : { status_detail: event.reason }),
    time: event.at,
    message: kind.sentence,
    metadata: {
      uid: recorded.uid,
      version: OCSF_VERSION,
      product: PRODUCT,
      event_code: event.name,
      sequence: recorded.seq,
      logged_time: recorded.at,
      ...(event.correlation === undefined ? {} : { correlation_uid: event.correlation }),
    },
    actor: {
      user: { uid: event.actor ?? event.subject ?? UNKNOWN },
      ...(event.sessionId === undefined ? {} : { session: { uid: event.sessionId } }),
    },
    src_endpoint: event.address === undefined ? { name: UNKNOWN } : { ip: event.address },
    ...(event.requestId === undefined && event.route === undefined && kind.classUid !== HTTP_ACTIVITY
      ? {}
      : {
          http_request: {
            ...(event.requestId === undefined ? {} : { uid: event.requestId }),
            ...(method === undefined ? {} : { http_method: method }),
            ...(path === undefined ? {} : { url: { path } }),
          },
        }),
    ...classAttributes(event, kind.classUid),
    unmapped: {
      ...(event.subject === undefined ? {} : { subject: event.subject }),
      ...(event.actor === undefined ? {} : { actor: event.actor }),
      ...(event.route === undefined ? {} : { route: event.route }),
      ...(event.service === undefined ? {} : { service: event.service }),
      ...(event.detail === undefined ? {} : { detail: event.detail }),
    },
  };
}

/** The canonical text that is stored and hashed. */
export function ocsfBody(event: CleanEvent, recorded: Recorded): string {
  return canonicalJson(toOcsf(event, recorded));
}

interface StoredMetadata {
  readonly sequence?: number;
  readonly uid?: string;
}

function metadataOf(body: string): StoredMetadata {
  try {
    return (JSON.parse(body) as { metadata?: StoredMetadata }).metadata ?? {};
  } catch {
    // A record that is no JSON any more was edited; verification reports it.
    return {};
  }
}

/** Where a stored record states its own sequence number. */
export const ocsfSequence = (body: string): number | undefined => metadataOf(body).sequence;

/** The id a record was stored under. */
export const ocsfUid = (body: string): string | undefined => metadataOf(body).uid;

interface StoredOcsf {
  readonly class_uid: number;
  readonly severity_id: number;
  readonly status_detail?: string;
  readonly time: number;
  readonly metadata: { event_code: EventName; sequence: number; logged_time: number; correlation_uid?: string };
  readonly actor: { session?: { uid: string } };
  readonly src_endpoint: { ip?: string };
  readonly http_request?: { uid?: string };
  readonly unmapped: { subject?: string; actor?: string; route?: string; service?: string; detail?: Detail };
}

/** Reads a stored row back. */
export function toEventRecord(row: {
  readonly body: string;
  readonly previousHash: string;
  readonly hash: string;
}): EventRecord {
  const ocsf = JSON.parse(row.body) as StoredOcsf;
  const kind = eventKinds[ocsf.metadata.event_code];
  return {
    seq: ocsf.metadata.sequence,
    name: ocsf.metadata.event_code,
    at: ocsf.time,
    recordedAt: ocsf.metadata.logged_time,
    sentence: kind.sentence,
    classUid: ocsf.class_uid,
    severityId: ocsf.severity_id,
    outcome: kind.outcome,
    subject: ocsf.unmapped.subject ?? null,
    actor: ocsf.unmapped.actor ?? null,
    sessionId: ocsf.actor.session?.uid ?? null,
    address: ocsf.src_endpoint.ip ?? null,
    route: ocsf.unmapped.route ?? null,
    service: ocsf.unmapped.service ?? null,
    reason: ocsf.status_detail ?? null,
    requestId: ocsf.http_request?.uid ?? null,
    correlation: ocsf.metadata.correlation_uid ?? null,
    detail: ocsf.unmapped.detail ?? {},
    ocsf: ocsf as unknown as Record<string, unknown>,
    previousHash: row.previousHash,
    hash: row.hash,
  };
}
