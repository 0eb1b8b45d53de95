// What follows from a finding: an alert and its incident, written in one transaction, then told. And what people do about them.
// One operation at a time, so that two findings cannot raise the same alert twice.
import type { EmitEvent } from "@holdfast/policy";
import type { Alert } from "../alerts/alert.ts";
import type { AlertEntry } from "../alerts/alert-entry.ts";
import { alertIdOf, decideAlert, fingerprintOf } from "../alerts/alert-fold.ts";
import { type AlertLog, alertBody } from "../alerts/alert-log.ts";
import type { Finding } from "../detection/finding.ts";
import type { Database } from "../store/database.ts";
import type { Incident } from "./incident.ts";
import type { IncidentLogEntry } from "./incident-entry.ts";
import { incidentFor, incidentIdOf, viewIncident } from "./incident-fold.ts";
import { type IncidentLog, incidentBody } from "./incident-log.ts";

/** A repetition is written once per window of this length, however many events arrive. */
const REPEAT_AFTER_MS = 60_000;

/** The person who acts: from a verified token, never from a body. */
export interface Person {
  readonly id: string;
  readonly email: string | null;
}

export type ActionRefusal = "unknown" | "already-acknowledged" | "already-closed";

type ActionResult<Subject> =
  | { readonly done: true; readonly subject: Subject }
  | { readonly done: false; readonly refusal: ActionRefusal };

export interface ResponseOptions {
  readonly database: Database;
  readonly alerts: AlertLog;
  readonly incidents: IncidentLog;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly targetSeconds: number;
  readonly onAlert?: (alert: Alert) => void;
  readonly onIncident?: (incident: Incident) => void;
}

export interface Response {
  /** Turns findings into alerts and incidents; `through` is how far the event log had been read. */
  findings(findings: readonly Finding[], through: number): Promise<void>;
  /** Notes how far the event log has been read. */
  checkpoint(through: number): Promise<void>;
  acknowledgeAlert(id: string, person: Person, note: string): Promise<ActionResult<Alert>>;
  acknowledgeIncident(id: string, person: Person, note: string): Promise<ActionResult<Incident>>;
  closeIncident(id: string, person: Person, note: string): Promise<ActionResult<Incident>>;
}

interface Entries {
  readonly alerts: readonly AlertEntry[];
  readonly incidents: readonly IncidentLogEntry[];
}

export function createResponse(options: ResponseOptions): Response {
  const { alerts, incidents, now } = options;
  const inTurn = createTurns();

  /** Decides on the newest state, writes both logs in one transaction, applies, tells. */
  const record = (decide: () => Entries): Promise<Entries> =>
    inTurn(async () => {
      await Promise.all([alerts.refresh(), incidents.refresh()]);
      const entries = decide();
      if (entries.alerts.length === 0 && entries.incidents.length === 0) return entries;
      await write(options, entries);
      tell(options, entries);
      return entries;
    });

  const person = (who: Person, note: string) => ({ at: now(), by: who.id, email: who.email, note });
  const viewed = (id: string): Incident => viewIncident(incidents.state.get(id) as never, now());

  return {
    async findings(findings, through) {
      for (const finding of findings) {
        // Most findings of a running attack repeat what is known: they cost no statement.
        if (decideAlert(alerts.state, finding, REPEAT_AFTER_MS) === "ignore") continue;
        await record(() => entriesFor(options, finding, through));
      }
    },
    async checkpoint(through) {
      await record(() => ({ alerts: [{ kind: "checkpoint", at: now(), through }], incidents: [] }));
    },
    async acknowledgeAlert(id, who, note) {
      let refusal: ActionRefusal | null = null;
      await record(() => {
        const alert = alerts.state.alerts.get(id);
        refusal = refusalOf(alert, "acknowledge");
        return { alerts: refusal === null ? [{ kind: "acknowledged", id, ...person(who, note) }] : [], incidents: [] };
      });
      if (refusal !== null) return { done: false, refusal };
      return { done: true, subject: alerts.state.alerts.get(id) as Alert };
    },
    acknowledgeIncident: (id, who, note) => act(id, "acknowledge", person(who, note)),
    closeIncident: (id, who, note) => act(id, "close", person(who, note)),
  };

  async function act(id: string, action: IncidentAction, signed: Signed): Promise<ActionResult<Incident>> {
    let refusal: ActionRefusal | null = null;
    await record(() => {
      refusal = refusalOf(incidents.state.get(id), action);
      return refusal === null ? entriesOfAction(options, id, action, signed) : { alerts: [], incidents: [] };
    });
    return refusal === null ? { done: true, subject: viewed(id) } : { done: false, refusal };
  }
}

type IncidentAction = "acknowledge" | "close";

/** An incident takes its alerts along: acknowledged with it, closed with it. */
function entriesOfAction(
  { alerts, incidents }: ResponseOptions,
  id: string,
  action: IncidentAction,
  signed: Signed,
): Entries {
  const kind = action === "close" ? "closed" : "acknowledged";
  const mine = (incidents.state.get(id)?.alerts ?? []).filter((alertId) => {
    const state = alerts.state.alerts.get(alertId)?.state;
    return action === "close" ? state !== undefined && state !== "closed" : state === "open";
  });
  return {
    alerts: mine.map((alertId) => ({ kind, id: alertId, ...signed })),
    incidents: [{ kind, id, ...signed }],
  };
}

interface Signed {
  readonly at: number;
  readonly by: string;
  readonly email: string | null;
  readonly note: string;
}

function refusalOf(subject: { readonly state: string } | undefined, action: IncidentAction): ActionRefusal | null {
  if (subject === undefined) return "unknown";
  if (subject.state === "closed") return "already-closed";
  return subject.state === "acknowledged" && action === "acknowledge" ? "already-acknowledged" : null;
}

/** Runs operations one after the other; a failed one does not stop the next. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
}

/** What a finding adds to both logs. */
function entriesFor(options: ResponseOptions, finding: Finding, through: number): Entries {
  const { alerts, incidents, now } = options;
  const decision = decideAlert(alerts.state, finding, REPEAT_AFTER_MS);
  if (decision === "ignore") return { alerts: [], incidents: [] };
  const at = now();
  const { lastEventAt } = finding;
  if (decision === "repeat") {
    const id = alerts.state.live.get(fingerprintOf(finding)) as string;
    return { alerts: [{ kind: "repeated", id, lastEventAt, at, through }], incidents: [] };
  }
  const id = alertIdOf(finding);
  const existing = incidentFor(incidents.state, finding.rule, finding.firstEventAt);
  const incident = existing?.id ?? incidentIdOf(id);
  const { seq: _seq, ...found } = finding;
  const { rule, sentence, severityId, firstEventAt } = finding;
  return {
    alerts: [{ kind: "raised", id, incident, ...found, at, through }],
    incidents: [
      existing === undefined
        ? {
            kind: "opened",
            id: incident,
            alert: id,
            rule,
            sentence,
            severityId,
            firstEventAt,
            lastEventAt,
            at,
            dueAt: firstEventAt + options.targetSeconds * 1000,
          }
        : { kind: "alert-added", id: incident, alert: id, severityId, firstEventAt, lastEventAt, at },
    ] as readonly IncidentLogEntry[],
  };
}

async function write({ database, alerts, incidents }: ResponseOptions, entries: Entries): Promise<void> {
  const [alertRows, incidentRows] = await database.transaction(async (statements) => {
    // Always in this order, so that two processes cannot wait for each other's lock.
    const first =
      entries.alerts.length === 0 ? [] : await alerts.chain.appendIn(statements, entries.alerts.map(alertBody));
    const second =
      entries.incidents.length === 0
        ? []
        : await incidents.chain.appendIn(statements, entries.incidents.map(incidentBody));
    return [first, second] as const;
  });
  alerts.chain.committed(alertRows);
  alerts.apply(alertRows);
  incidents.chain.committed(incidentRows);
  incidents.apply(incidentRows);
}

/** Tells the event log and the open consoles what was written. */
function tell(options: ResponseOptions, entries: Entries): void {
  const { alerts, incidents, emit, now, onAlert, onIncident } = options;
  for (const entry of entries.alerts) {
    if (entry.kind === "checkpoint") continue;
    const alert = alerts.state.alerts.get(entry.id);
    if (alert !== undefined) onAlert?.(alert);
    const known = { at: entry.at, service: "platform", detail: { alert: entry.id } };
    if (entry.kind === "raised") {
      const detail = {
        ...known.detail,
        rule: entry.rule,
        scope: entry.scope,
        group: entry.group,
        incident: entry.incident,
      };
      emit({ ...known, name: "alert.raised", reason: entry.rule, detail });
    } else if (entry.kind === "acknowledged") emit({ ...known, name: "alert.acknowledged", subject: entry.by });
  }
  const names = {
    opened: "incident.opened",
    acknowledged: "incident.acknowledged",
    closed: "incident.closed",
  } as const;
  for (const entry of entries.incidents) {
    const incident = incidents.state.get(entry.id);
    if (incident !== undefined) onIncident?.(viewIncident(incident, now()));
    if (entry.kind === "alert-added") continue;
    const by = entry.kind === "opened" ? {} : { subject: entry.by };
    emit({ name: names[entry.kind], at: entry.at, service: "platform", ...by, detail: { incident: entry.id } });
  }
}
