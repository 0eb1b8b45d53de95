export { type ApiProblemCode, apiProblems } from "./api/api-problem.ts";
export type { FirstAdministrator } from "./assembly/administrator.ts";
export {
  type Deployment,
  defineDeployment,
  type RunningUpstream,
  type StartUpstream,
  type UpstreamContext,
} from "./assembly/deployment.ts";
export type { MailSettings, TextMessageSettings } from "./assembly/mail.ts";
export { openPolicySecrets } from "./assembly/open-secrets.ts";
export { policyHash } from "./assembly/policy-hash.ts";
export { sealedColumnsOf } from "./assembly/sealed-columns.ts";
export { BACKUP_KEY_SCOPE, type BackupSettings } from "./assembly/start-backups.ts";
export { type Platform, type PlatformOptions, startPlatform } from "./assembly/start-platform.ts";
export { keptCheckpoint, openAuditSigner } from "./audit/audit-signer.ts";
export { openRestoreRecords, RESTORE_RECORD_FILE, type RestoreRecord } from "./audit/restore-record.ts";
export type { BackupStatus, DrillPage, DrillReport, DrillStep } from "./backups/backup-status.ts";
export { type DrillSigner, openDrillSigner } from "./backups/drill-report.ts";
export { openSealedCanaries, plantSealedCanaries, type SealedGround } from "./backups/sealed-canaries.ts";
export { readDrills } from "./backups/stored-drills.ts";
export { type ControlStatusInput, controlStatus } from "./controls/control-status-of.ts";
export { scoreOf } from "./controls/score.ts";
export type { ComputedStatus, ControlRequirement } from "./controls/status.ts";
export { ServerError, type ServerErrorCode } from "./error.ts";
export type { EventLog } from "./events/event-log.ts";
export type { EvidenceLog } from "./evidence/evidence-log.ts";
export type { ReplicaSettings } from "./replicas/replicas.ts";
export { platformMigrations } from "./store/migrations.ts";
