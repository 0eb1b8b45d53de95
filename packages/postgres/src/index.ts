export { type About, asSubject, type VerifiedClaims } from "./as-subject.ts";
export { type AcceptOptions, type AcceptRefusal, acceptRefusals, acceptRestore } from "./audit/accept-restore.ts";
export { type AcceptedRestore, acceptedRestores } from "./audit/accepted-restores.ts";
export type { AuditDatabase, AuditStatements, KeptCheckpoint } from "./audit/audit-database.ts";
export { type LeafEntry, readEntry } from "./audit/audit-entry.ts";
export { type AuditFault, auditFaults } from "./audit/audit-fault.ts";
export { type BuildOptions, type BuiltTree, buildTree } from "./audit/build-tree.ts";
export { type Checkpoint, type CheckpointSigner, checkpointSigner } from "./audit/checkpoint.ts";
export { growthFiles } from "./audit/growth-files.ts";
export { proofFiles } from "./audit/proof-files.ts";
export { type GrowthProof, proveGrowth } from "./audit/prove-growth.ts";
export { type ProvenLeaf, proveRow, type RowProof } from "./audit/prove-row.ts";
export { type LogVerification, verifyLog } from "./audit/verify-log.ts";
export {
  expireBackups,
  type ListedBackup,
  listBackups,
  type RecoverableRange,
  recoverableRanges,
  removeUnfinished,
} from "./backup/backup-list.ts";
export { type BackupRecord, openRecord } from "./backup/backup-record.ts";
export { BACKUP_PASSWORD_NAME, BACKUP_ROLE, dropArchiveSlot, ensureBackupRole } from "./backup/backup-role.ts";
export type { BackupTarget } from "./backup/backup-target.ts";
export { takeBaseBackup } from "./backup/base-backup.ts";
export { openFolderTarget } from "./backup/folder-target.ts";
export { type ArchiveChange, type LogArchiver, startLogArchiver } from "./backup/log-archiver.ts";
export { parseLogPosition } from "./backup/log-position.ts";
export { openS3Target, type S3Options } from "./backup/s3-target.ts";
export { type ClaimKey, claimProof, type ProofScope } from "./claim-proof.ts";
export { PROOF_LIFETIME_MS } from "./claims-cache.ts";
export { type Cluster, type OpenClusterOptions, openCluster } from "./cluster.ts";
export { type DatabaseEvent, DatabasePool, type PoolMetrics, type PoolOptions } from "./database-pool.ts";
export {
  BackupError,
  type BackupErrorCode,
  ClusterError,
  type ClusterErrorCode,
  DatabaseError,
  type DatabaseErrorCode,
  MigrationError,
  type MigrationErrorCode,
  type PostgresErrorCode,
  type SchemaPlace,
} from "./error.ts";
export {
  EXPORT_KEY_BYTES,
  type ExportOptions,
  type ExportReport,
  exportMasked,
} from "./export/masked-export.ts";
export type { MaskedTable } from "./export/masked-table.ts";
export { connectGiven, type GivenCluster, parseDatabaseUrl } from "./given-cluster.ts";
export { attackText } from "./inspect/attack.ts";
export { connectForInspection } from "./inspect/connect.ts";
export {
  type Inspection,
  type InspectOptions,
  inspectDatabase,
  inspectInTransaction,
  type Unseen,
} from "./inspect/inspect.ts";
export { explain, type PlanTarget } from "./inspect/plan/inspect-plans.ts";
export { faultsOf, type Plan, planLines } from "./inspect/plan/plan-shape.ts";
export { type Attack, type Finding, type Proof, type Severity, severities } from "./inspect/rule/finding.ts";
export type { Rule } from "./inspect/rule/rule.ts";
export { rules as inspectionRules } from "./inspect/rules.ts";
export { type MigrationReport, migrate } from "./migrate.ts";
export type { MigrationSet } from "./migration-files.ts";
export { forecast } from "./performance/forecast.ts";
export { studyDatabase, watchDatabase } from "./performance/look.ts";
export type * from "./performance/shapes.ts";
export type { Statement } from "./pipeline.ts";
export { WAIT_BOUNDARIES_MS, type WaitTimes } from "./pool/admission.ts";
export { CONNECTIONS_PER_PROCESS, type PoolPurpose, purposes } from "./pool/purpose.ts";
export type { Exit } from "./postmaster.ts";
export {
  baseMigrations,
  type PreparedDatabase,
  type PrepareOptions,
  passwordName,
  prepareDatabase,
} from "./prepare-database.ts";
export { type DrillOptions, type FailoverReport, failoverDrill } from "./replica/failover-drill.ts";
export { type ReadReplica, ReadRouter, type RouterMetrics, type RouterOptions } from "./replica/read-router.ts";
export {
  LAG_MS_MAX,
  type ReplicaReport,
  type ReplicaState,
  ReplicaWatch,
  type WatchedReplica,
  type WatchOptions,
} from "./replica/replica-watch.ts";
export { openStandby, type Standby, type StandbyOptions } from "./replica/standby.ts";
export { type DrillCopy, openDrillCopy } from "./restore/drill-copy.ts";
export { type Restored, type RestoreProgress, restoreBackup } from "./restore/restore.ts";
export { type LoginRole, loginRoles } from "./roles.ts";
export { type OpenedValue, openValue, type ValuePlace } from "./sealed/open-value.ts";
export { type ResealReport, resealColumn } from "./sealed/reseal.ts";
export { type SealOptions, type SealReport, sealColumn } from "./sealed/seal-column.ts";
export { dataClassOf, type SealedColumn } from "./sealed/sealed-column.ts";
export type { SealedTable } from "./sealed/sealed-table.ts";
export { sealRow } from "./sealed/sealed-table.ts";
export { type SealedRow, toFind, toSeal } from "./sealed/sealed-value.ts";
export { Sealing, type SealingOptions } from "./sealed/sealing.ts";
export { usualPace, type WorkPace, type WorkProgress } from "./sealed/work-pace.ts";
export { makeThrowawayFolder } from "./throwaway-folder.ts";
export type { Transaction } from "./transaction.ts";
export { type AttachOptions, attachCluster } from "./transit/attach-cluster.ts";
export type { Transport } from "./transit/given-transport.ts";
export { AuthenticationError, GuardedClient, type GuardedSettings } from "./transit/guarded-client.ts";
