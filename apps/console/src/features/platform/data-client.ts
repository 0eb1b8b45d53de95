// The console's calls about the application's data. Shapes come from the server as types only.
import type {
  AuditCheckpointPage,
  AuditPage,
  AuditProof,
  BackupAccepted,
  BackupStatus,
  DataReport,
  DrillPage,
  KeyList,
  PerformanceReport,
  PoolList,
  ReplicaStatus,
} from "@holdfast/server/api";
import { read, send } from "./platform-client.ts";

export const data = {
  tables: (signal?: AbortSignal) => read<DataReport>("/data", signal),
  replicas: (signal?: AbortSignal) => read<ReplicaStatus>("/replicas", signal),
  pools: (signal?: AbortSignal) => read<PoolList>("/pools", signal),
  performance: (signal?: AbortSignal) => read<PerformanceReport>("/performance", signal),
  keys: (signal?: AbortSignal) => read<KeyList>("/keys", signal),
  backups: (signal?: AbortSignal) => read<BackupStatus>("/backups", signal),
  drills: (signal?: AbortSignal) => read<DrillPage>("/backups/drills", signal),
  audit: (key: string, cursor: number | null, signal?: AbortSignal) =>
    read<AuditPage>(`/audit?${queryText({ key, cursor })}`, signal),
  auditProof: (table: string, key: string, signal?: AbortSignal) =>
    read<AuditProof>(`/audit/proof?${queryText({ table, key })}`, signal),
  auditCheckpoints: (cursor: number | null, signal?: AbortSignal) =>
    read<AuditCheckpointPage>(`/audit/checkpoints?${queryText({ cursor })}`, signal),
  backUp: () => send<BackupAccepted>("/backups"),
  drill: () => send<BackupAccepted>("/backups/drills"),
} as const;

/** What is empty is not asked for. */
function queryText(parts: Readonly<Record<string, string | number | null>>): string {
  const query = new URLSearchParams({});
  for (const [name, value] of Object.entries(parts)) if (value !== null && value !== "") query.set(name, String(value));
  return query.toString();
}
