export { type AuditRoom, openAuditRoom } from "./testing/audit-room.ts";
export { type BackupRoom, openBackupRoom } from "./testing/backup-room.ts";
export { type Crossings, countCrossings } from "./testing/crossing.ts";
export { testDatabase } from "./testing/injected-cluster.ts";
export { openReplicaRoom, REPLICA_ROOM_PASSWORD, type ReplicaRoom } from "./testing/replica-room.ts";
export { startTestCluster, type TestCluster, type TestClusterAddress } from "./testing/test-cluster.ts";
export { type TestDatabase, type TestDatabaseOptions, testDatabaseAt } from "./testing/test-database.ts";
export { testKeys } from "./testing/test-keys.ts";
