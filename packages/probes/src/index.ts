export type { Check, CheckKind, Company, GatewayStep, Hole, Sabotage } from "./check.ts";
export type { CheckRun } from "./check-run.ts";
export { checkById, checks } from "./checks.ts";
export { ProbeError, type ProbeErrorCode } from "./probe-error.ts";
export { CONCURRENCY, type ProveOptions, type ProveProgress, prove } from "./prove.ts";
export type { ProbeSession } from "./session.ts";
export { type AttackedGround, attackTables, type TableAttack } from "./table-attack.ts";
export {
  type Address,
  assertAllowedTarget,
  type ConnectionSettings,
  type DatabaseListener,
  type EnterDatabase,
  LOOPBACK_HOSTS,
  type NarrowPool,
  type Output,
  type RunAsSubject,
  type StatementResult,
  type Target,
  type TargetDatabase,
  type TargetOutputs,
  type TargetReplica,
  type UpstreamAddress,
} from "./target.ts";
export {
  startTwin,
  type Twin,
  type TwinAnswer,
  type TwinCertificate,
  type TwinHole,
  type TwinRequest,
} from "./twin.ts";
export { checkVersion } from "./version.ts";
