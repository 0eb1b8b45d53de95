// Incidents as a fold over the incident log, and the plan's KPI over them. Pure.
import { createHash } from "node:crypto";
import type { Acknowledgement } from "../alerts/alert.ts";
import type { Incident, IncidentEntry, IncidentResponse } from "./incident.ts";
import type { IncidentLogEntry } from "./incident-entry.ts";

/** Alerts of one rule join an incident that is not closed when they follow within this time. */
const INCIDENT_GROUP_MS = 60 * 60_000;
/** Closed incidents that are kept in memory; older ones stay in the log. */
const INCIDENTS_CLOSED_MAX = 2_000;
/** Most lines of a timeline that are kept; the log holds all. */
const TIMELINE_MAX = 200;
/** Who acts when no person does. */
const DETECTION = "detection";

/** An incident without what depends on the present moment. */
export interface StoredIncident {
  readonly id: string;
  readonly rule: string;
  readonly state: Incident["state"];
  readonly sentence: string;
  readonly severityId: number;
  readonly firstEventAt: number;
  readonly lastEventAt: number;
  readonly openedAt: number;
  readonly dueAt: number;
  readonly alerts: readonly string[];
  readonly acknowledgement: Acknowledgement | null;
  readonly closing: Acknowledgement | null;
  readonly timeline: readonly IncidentEntry[];
}

export type IncidentState = Map<string, StoredIncident>;

export function incidentIdOf(alertId: string): string {
  return `incident-${createHash("sha256").update(alertId).digest("hex").slice(0, 16)}`;
}

export function foldIncident(state: IncidentState, entry: IncidentLogEntry): void {
  if (entry.kind === "opened") {
    state.set(entry.id, opened(entry));
    return;
  }
  const incident = state.get(entry.id);
  if (incident === undefined || incident.state === "closed") return;
  state.set(entry.id, changed(incident, entry));
  if (entry.kind === "closed") forgetOldest(state);
}

function opened(entry: Extract<IncidentLogEntry, { kind: "opened" }>): StoredIncident {
  const { kind: _kind, alert, at, ...known } = entry;
  return {
    ...known,
    state: "open",
    openedAt: at,
    alerts: [alert],
    acknowledgement: null,
    closing: null,
    timeline: [{ at, kind: "opened", by: DETECTION, note: entry.sentence }],
  };
}

function changed(incident: StoredIncident, entry: Exclude<IncidentLogEntry, { kind: "opened" }>): StoredIncident {
  const note = entry.kind === "alert-added" ? entry.alert : entry.note;
  const by = entry.kind === "alert-added" ? DETECTION : entry.by;
  const timeline = [...incident.timeline, { at: entry.at, kind: entry.kind, by, note }].slice(-TIMELINE_MAX);
  switch (entry.kind) {
    case "alert-added":
      return {
        ...incident,
        timeline,
        alerts: incident.alerts.includes(entry.alert) ? incident.alerts : [...incident.alerts, entry.alert],
        severityId: Math.max(incident.severityId, entry.severityId),
        lastEventAt: Math.max(incident.lastEventAt, entry.lastEventAt),
      };
    case "acknowledged":
      return {
        ...incident,
        timeline,
        state: "acknowledged",
        acknowledgement: incident.acknowledgement ?? signed(entry),
      };
    case "closed":
      return { ...incident, timeline, state: "closed", closing: signed(entry) };
  }
}

function signed(entry: Extract<IncidentLogEntry, { kind: "acknowledged" | "closed" }>): Acknowledgement {
  return { by: entry.by, email: entry.email, at: entry.at, note: entry.note };
}

function forgetOldest(state: IncidentState): void {
  const closed = [...state.values()].filter((incident) => incident.state === "closed");
  if (closed.length > INCIDENTS_CLOSED_MAX) state.delete((closed[0] as StoredIncident).id);
}

/** The newest incident of the rule that is not closed and that an event at this moment still belongs to. */
export function incidentFor(state: IncidentState, rule: string, eventAt: number): StoredIncident | undefined {
  return [...state.values()].findLast(
    (incident) =>
      incident.rule === rule && incident.state !== "closed" && eventAt <= incident.lastEventAt + INCIDENT_GROUP_MS,
  );
}

/** The incident as it is shown now. */
export function viewIncident(incident: StoredIncident, now: number): Incident {
  const { rule: _rule, lastEventAt: _last, ...known } = incident;
  const answeredAt = answerOf(incident)?.at ?? null;
  return {
    ...known,
    responseSeconds: answeredAt === null ? null : Math.max(0, (answeredAt - incident.firstEventAt) / 1000),
    late: (answeredAt ?? now) > incident.dueAt,
  };
}

/** Closing answers too, when nobody acknowledged before. */
function answerOf(incident: StoredIncident): Acknowledgement | null {
  return incident.acknowledgement ?? incident.closing;
}

/** First evidence event to the acknowledgement by a person; who still waits counts with the time waited so far. */
export function incidentResponse(state: IncidentState, targetSeconds: number, now: number): IncidentResponse {
  const incidents = [...state.values()];
  const seconds = incidents.map((incident) => ((answerOf(incident)?.at ?? now) - incident.firstEventAt) / 1000);
  const acknowledged = incidents.filter((incident) => answerOf(incident) !== null).length;
  return {
    targetSeconds,
    worstSeconds: seconds.length === 0 ? null : Math.max(0, ...seconds),
    acknowledged,
    waiting: incidents.length - acknowledged,
  };
}
