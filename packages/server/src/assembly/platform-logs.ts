// Opens the four append-only logs on one database, and what lives on them: alerts, incidents, detection.
import type { EmitEvent, Policy } from "@holdfast/policy";
import type { Vault } from "@holdfast/vault";
import type { Alert } from "../alerts/alert.ts";
import { type AlertLog, openAlertLog } from "../alerts/alert-log.ts";
import { type EventLog, eventLog } from "../events/event-log.ts";
import { vaultSpill } from "../events/vault-spill.ts";
import { type EvidenceLog, openEvidenceLog } from "../evidence/evidence-log.ts";
import type { Incident } from "../incidents/incident.ts";
import { type IncidentLog, openIncidentLog } from "../incidents/incident-log.ts";
import { createResponse, type Response } from "../incidents/response.ts";
import { startWatch, type Watch } from "../incidents/watch.ts";
import type { LogTable } from "../store/chained-log.ts";
import type { Database } from "../store/database.ts";
import { vaultHead } from "../store/vault-head.ts";

/** Under a flood nothing ever settles: whoever asks then gets what there is. */
const SETTLE_MS_MAX = 2_000;

export interface PlatformLogs {
  readonly events: EventLog;
  readonly evidence: EvidenceLog;
  readonly alerts: AlertLog;
  readonly incidents: IncidentLog;
  readonly response: Response;
  readonly watch: Watch;
  /** Resolves when everything appended so far is recorded and judged, cannot be now, or takes too long. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface PlatformLogsOptions {
  readonly policy: Policy;
  readonly database: Database;
  /** Names the heads and the spill in the vault. */
  readonly databaseName: string;
  readonly vault: Vault;
  readonly now: () => number;
  /** Hears every event when it happens, written or not. */
  readonly onEvent: EmitEvent;
  readonly onAlert: (alert: Alert) => void;
  readonly onIncident: (incident: Incident) => void;
  /** Told of failures to write; never of the content of a record. */
  readonly onFailure: (cause: unknown) => void;
}

export async function openPlatformLogs(
  options: PlatformLogsOptions,
): Promise<PlatformLogs & { readonly emit: EmitEvent }> {
  const { policy, database, vault, now, onEvent, onFailure } = options;
  const head = (table: LogTable) => ({
    database,
    sealedHead: vaultHead(vault, options.databaseName, table),
    onSealFailure: onFailure,
  });
  const events = await eventLog({ ...head("event"), now, spill: vaultSpill(vault, options.databaseName), onFailure });
  const emit: EmitEvent = (event) => {
    onEvent(event);
    events.append(event);
  };
  const alerts = await openAlertLog(head("alert_log"));
  const incidents = await openIncidentLog(head("incident_log"));
  const evidence = await openEvidenceLog({ ...head("evidence"), emit, now });
  const { onAlert, onIncident } = options;
  const targetSeconds = policy.targets.incidentResponseSeconds;
  const response = createResponse({ database, alerts, incidents, emit, now, targetSeconds, onAlert, onIncident });
  const { monitoring } = policy;
  const { through } = alerts.state;
  const watch = await startWatch({ events, response, through, monitoring, now, onFailure });
  return {
    events,
    evidence,
    alerts,
    incidents,
    response,
    watch,
    emit,
    settled: () => atMost(SETTLE_MS_MAX, () => events.flush().then(() => watch.settled())),
    async close() {
      // What detection found last is recorded before the event log closes.
      await events.flush();
      await watch.stop();
      await events.close();
      await Promise.all([evidence.sealed(), alerts.chain.sealed(), incidents.chain.sealed()]);
    },
  };
}

async function atMost(timeMs: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeMs);
  });
  await Promise.race([work(), late]);
  clearTimeout(timer);
}
