// The console's calls about the application's data. Shapes come from the server as types only.
import type {
  BackupAccepted,
  BackupStatus,
  DataReport,
  DrillPage,
  KeyList,
  PoolList,
  ReplicaStatus,
} from "@holdfast/server/api";
import { read, send } from "./platform-client.ts";

export const data = {
  tables: (signal?: AbortSignal) => read<DataReport>("/data", signal),
  replicas: (signal?: AbortSignal) => read<ReplicaStatus>("/replicas", signal),
  pools: (signal?: AbortSignal) => read<PoolList>("/pools", signal),
  keys: (signal?: AbortSignal) => read<KeyList>("/keys", signal),
  backups: (signal?: AbortSignal) => read<BackupStatus>("/backups", signal),
  drills: (signal?: AbortSignal) => read<DrillPage>("/backups/drills", signal),
  backUp: () => send<BackupAccepted>("/backups"),
  drill: () => send<BackupAccepted>("/backups/drills"),
} as const;
