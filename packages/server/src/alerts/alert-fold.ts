// Alerts as a fold over the alert log, and the decision what a finding adds to it. Pure: the same entries give the same alerts.
import { createHash } from "node:crypto";
import type { Finding } from "../detection/finding.ts";
import type { Alert } from "./alert.ts";
import type { AlertEntry } from "./alert-entry.ts";

/** Most alerts about single addresses or accounts that are open at once; the overall alert covers the rest. */
const ALERTS_OPEN_MAX = 1_000;
/** Closed alerts that are kept in memory; older ones stay in the log. */
const ALERTS_CLOSED_MAX = 5_000;

export interface AlertState {
  readonly alerts: Map<string, Alert>;
  /** Not closed alerts by fingerprint. */
  readonly live: Map<string, string>;
  /** The event log has been read up to here. */
  through: number;
}

export function emptyAlertState(): AlertState {
  return { alerts: new Map(), live: new Map(), through: 0 };
}

export function fingerprintOf(finding: Pick<Finding, "rule" | "scope" | "group">): string {
  return `${finding.rule}/${finding.scope}/${finding.group}`;
}

/** Deterministic, so that a replay names the same alert the same. */
export function alertIdOf(finding: Finding): string {
  const text = `${fingerprintOf(finding)}\n${finding.evidence[0] ?? finding.firstEventAt}\n${finding.seq}`;
  return `alert-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

/** Applies one entry. Entries about alerts that are not known (any more) change nothing. */
export function foldAlert(state: AlertState, entry: AlertEntry): void {
  if (entry.kind === "checkpoint" || entry.kind === "raised" || entry.kind === "repeated") {
    state.through = Math.max(state.through, entry.through);
  }
  if (entry.kind === "checkpoint") return;
  if (entry.kind === "raised") {
    const { kind: _kind, at, through: _through, ...known } = entry;
    const fingerprint = fingerprintOf(entry);
    state.alerts.set(entry.id, {
      ...known,
      fingerprint,
      state: "open",
      raisedAt: at,
      repeats: 0,
      acknowledgement: null,
    });
    state.live.set(fingerprint, entry.id);
    return;
  }
  const alert = state.alerts.get(entry.id);
  if (alert === undefined) return;
  state.alerts.set(entry.id, changed(alert, entry));
  if (entry.kind === "closed") {
    if (state.live.get(alert.fingerprint) === alert.id) state.live.delete(alert.fingerprint);
    forgetOldest(state);
  }
}

function changed(alert: Alert, entry: Exclude<AlertEntry, { kind: "checkpoint" | "raised" }>): Alert {
  if (entry.kind === "repeated") {
    return { ...alert, repeats: alert.repeats + 1, lastEventAt: Math.max(alert.lastEventAt, entry.lastEventAt) };
  }
  const acknowledgement = { by: entry.by, email: entry.email, at: entry.at, note: entry.note };
  if (entry.kind === "closed")
    return { ...alert, state: "closed", acknowledgement: alert.acknowledgement ?? acknowledgement };
  return alert.state === "open" ? { ...alert, state: "acknowledged", acknowledgement } : alert;
}

function forgetOldest(state: AlertState): void {
  if (state.alerts.size - state.live.size <= ALERTS_CLOSED_MAX) return;
  for (const [id, alert] of state.alerts) {
    if (alert.state !== "closed") continue;
    state.alerts.delete(id);
    return;
  }
}

/** What a finding means for the alerts: a new one, a repetition in a further window, or nothing. */
export function decideAlert(state: AlertState, finding: Finding, repeatAfterMs: number): "raise" | "repeat" | "ignore" {
  const live = state.alerts.get(state.live.get(fingerprintOf(finding)) ?? "");
  if (live !== undefined) return finding.lastEventAt >= live.lastEventAt + repeatAfterMs ? "repeat" : "ignore";
  const isSingle = finding.scope === "address" || finding.scope === "account";
  return isSingle && state.live.size >= ALERTS_OPEN_MAX ? "ignore" : "raise";
}
