// Every check, in the order of the attack list. The one place that names them all.
import type { Check } from "./check.ts";
import { accountRemoval } from "./checks/account-removal.ts";
import { actingAsOthers } from "./checks/acting-as-others.ts";
import { actingChanges } from "./checks/acting-changes.ts";
import { actingTooLong } from "./checks/acting-too-long.ts";
import { actingWithoutReason } from "./checks/acting-without-reason.ts";
import { addressChange } from "./checks/address-change.ts";
import { addressSpelling } from "./checks/address-spelling.ts";
import { anonymousPerson } from "./checks/anonymous-person.ts";
import { auditLog } from "./checks/audit-log.ts";
import { az01 } from "./checks/az-01.ts";
import { az02 } from "./checks/az-02.ts";
import { az03 } from "./checks/az-03.ts";
import { az04 } from "./checks/az-04.ts";
import { az05 } from "./checks/az-05.ts";
import { az06 } from "./checks/az-06.ts";
import { az07 } from "./checks/az-07.ts";
import { backupRecoveryPoint } from "./checks/backup-recovery-point.ts";
import { backupRestore } from "./checks/backup-restore.ts";
import { backupShare } from "./checks/backup-share.ts";
import { bodyIds } from "./checks/body-ids.ts";
import { breachedPassword } from "./checks/breached-password.ts";
import { brw01 } from "./checks/brw-01.ts";
import { brw02 } from "./checks/brw-02.ts";
import { brw04 } from "./checks/brw-04.ts";
import { brw05 } from "./checks/brw-05.ts";
import { brw06 } from "./checks/brw-06.ts";
import { brw07 } from "./checks/brw-07.ts";
import { brw08 } from "./checks/brw-08.ts";
import { brw09 } from "./checks/brw-09.ts";
import { claimsForged } from "./checks/claims-forged.ts";
import { cry01 } from "./checks/cry-01.ts";
import { cry02 } from "./checks/cry-02.ts";
import { cry03 } from "./checks/cry-03.ts";
import { cry04 } from "./checks/cry-04.ts";
import { cry05 } from "./checks/cry-05.ts";
import { dataKeys } from "./checks/data-keys.ts";
import { databaseImpostor } from "./checks/database-impostor.ts";
import { databasePerformance } from "./checks/database-performance.ts";
import { databaseTransport } from "./checks/database-transport.ts";
import { deletedAccountKeys } from "./checks/deleted-account-keys.ts";
import { dos01 } from "./checks/dos-01.ts";
import { endedSessionRows } from "./checks/ended-session-rows.ts";
import { flowCode } from "./checks/flow-code.ts";
import { foreignKey } from "./checks/foreign-key.ts";
import { inj01 } from "./checks/inj-01.ts";
import { inj04 } from "./checks/inj-04.ts";
import { inj05 } from "./checks/inj-05.ts";
import { inj08 } from "./checks/inj-08.ts";
import { jwt01 } from "./checks/jwt-01.ts";
import { jwt02 } from "./checks/jwt-02.ts";
import { jwt03 } from "./checks/jwt-03.ts";
import { jwt04 } from "./checks/jwt-04.ts";
import { jwt05 } from "./checks/jwt-05.ts";
import { jwt06 } from "./checks/jwt-06.ts";
import { jwt07 } from "./checks/jwt-07.ts";
import { jwt08 } from "./checks/jwt-08.ts";
import { jwt09 } from "./checks/jwt-09.ts";
import { log01 } from "./checks/log-01.ts";
import { log02 } from "./checks/log-02.ts";
import { log03 } from "./checks/log-03.ts";
import { log04 } from "./checks/log-04.ts";
import { log05 } from "./checks/log-05.ts";
import { mailScanner } from "./checks/mail-scanner.ts";
import { mailedCode } from "./checks/mailed-code.ts";
import { maskedColumnsCheck } from "./checks/masked-columns.ts";
import { matrixPages } from "./checks/matrix-pages.ts";
import { messageLimits } from "./checks/message-limits.ts";
import { mfa01 } from "./checks/mfa-01.ts";
import { mfa02 } from "./checks/mfa-02.ts";
import { mfa03 } from "./checks/mfa-03.ts";
import { mfa04 } from "./checks/mfa-04.ts";
import { mfa05 } from "./checks/mfa-05.ts";
import { mfa06 } from "./checks/mfa-06.ts";
import { mfa07 } from "./checks/mfa-07.ts";
import { mfa08 } from "./checks/mfa-08.ts";
import { mfa09 } from "./checks/mfa-09.ts";
import { net01 } from "./checks/net-01.ts";
import { net02 } from "./checks/net-02.ts";
import { net04 } from "./checks/net-04.ts";
import { net05 } from "./checks/net-05.ts";
import { net06 } from "./checks/net-06.ts";
import { oau01 } from "./checks/oau-01.ts";
import { oau02 } from "./checks/oau-02.ts";
import { oau03 } from "./checks/oau-03.ts";
import { oau04 } from "./checks/oau-04.ts";
import { oau05 } from "./checks/oau-05.ts";
import { oau06 } from "./checks/oau-06.ts";
import { oau07 } from "./checks/oau-07.ts";
import { oau08 } from "./checks/oau-08.ts";
import { outdatedLink } from "./checks/outdated-link.ts";
import { parallelRefresh } from "./checks/parallel-refresh.ts";
import { passkeyCounter } from "./checks/passkey-counter.ts";
import { passkeyPerson } from "./checks/passkey-person.ts";
import { passkeyPlace } from "./checks/passkey-place.ts";
import { passkeyReplay } from "./checks/passkey-replay.ts";
import { pathIds } from "./checks/path-ids.ts";
import { poisonedLink } from "./checks/poisoned-link.ts";
import { poolOverload } from "./checks/pool-overload.ts";
import { providerLink } from "./checks/provider-link.ts";
import { providerUnavailable } from "./checks/provider-unavailable.ts";
import { recoveryCode } from "./checks/recovery-code.ts";
import { redirectNotNamed } from "./checks/redirect-not-named.ts";
import { removedFactor } from "./checks/removed-factor.ts";
import { replicaReads } from "./checks/replica-reads.ts";
import { revokedKey } from "./checks/revoked-key.ts";
import { rl01 } from "./checks/rl-01.ts";
import { rl02 } from "./checks/rl-02.ts";
import { rls01 } from "./checks/rls-01.ts";
import { rls02 } from "./checks/rls-02.ts";
import { rls03 } from "./checks/rls-03.ts";
import { rls04 } from "./checks/rls-04.ts";
import { rls05 } from "./checks/rls-05.ts";
import { rls06 } from "./checks/rls-06.ts";
import { rls07 } from "./checks/rls-07.ts";
import { rls08 } from "./checks/rls-08.ts";
import { roleApprovedAlone } from "./checks/role-approved-alone.ts";
import { roleApprovedTwice } from "./checks/role-approved-twice.ts";
import { roleOldSession } from "./checks/role-old-session.ts";
import { roleRemoved } from "./checks/role-removed.ts";
import { roleWithoutApproval } from "./checks/role-without-approval.ts";
import { sec01 } from "./checks/sec-01.ts";
import { secretCanary } from "./checks/secret-canary.ts";
import { secretsAtRest } from "./checks/secrets-at-rest.ts";
import { ses01 } from "./checks/ses-01.ts";
import { ses02 } from "./checks/ses-02.ts";
import { ses03 } from "./checks/ses-03.ts";
import { ses04 } from "./checks/ses-04.ts";
import { ses05 } from "./checks/ses-05.ts";
import { ses06 } from "./checks/ses-06.ts";
import { ses07 } from "./checks/ses-07.ts";
import { ses08 } from "./checks/ses-08.ts";
import { signInTiming } from "./checks/sign-in-timing.ts";
import { signUpAttempt } from "./checks/sign-up-attempt.ts";
import { staleSignIn } from "./checks/stale-sign-in.ts";
import { thresholdAlert } from "./checks/threshold-alert.ts";
import { xss01 } from "./checks/xss-01.ts";
import { xss02 } from "./checks/xss-02.ts";

/** All checks. A check that moves the target's clock comes last, since sessions end with it. */
export const checks: readonly Check[] = [
  jwt01,
  jwt02,
  jwt03,
  jwt04,
  jwt05,
  jwt07,
  jwt08,
  jwt09,
  ses01,
  ses02,
  ses03,
  ses05,
  ses06,
  ses07,
  ses08,
  thresholdAlert,
  mfa01,
  mfa02,
  signInTiming,
  mfa03,
  breachedPassword,
  mfa04,
  mfa05,
  mfa06,
  messageLimits,
  mfa08,
  staleSignIn,
  accountRemoval,
  deletedAccountKeys,
  signUpAttempt,
  mailScanner,
  redirectNotNamed,
  mailedCode,
  outdatedLink,
  addressSpelling,
  poisonedLink,
  flowCode,
  mfa09,
  oau01,
  oau02,
  oau04,
  oau05,
  oau06,
  oau07,
  oau08,
  providerLink,
  providerUnavailable,
  recoveryCode,
  removedFactor,
  foreignKey,
  passkeyPlace,
  passkeyReplay,
  passkeyPerson,
  passkeyCounter,
  brw01,
  brw02,
  brw04,
  brw05,
  brw06,
  brw07,
  brw08,
  brw09,
  xss01,
  xss02,
  inj01,
  inj04,
  inj05,
  inj08,
  az01,
  az02,
  az03,
  az04,
  az05,
  az06,
  az07,
  rls01,
  rls02,
  rls03,
  rls04,
  rls05,
  rls06,
  rls07,
  rls08,
  endedSessionRows,
  maskedColumnsCheck,
  auditLog,
  parallelRefresh,
  rl01,
  rl02,
  dos01,
  net01,
  net02,
  net04,
  net05,
  net06,
  cry01,
  cry02,
  cry03,
  cry04,
  secretsAtRest,
  cry05,
  dataKeys,
  databaseTransport,
  databaseImpostor,
  poolOverload,
  databasePerformance,
  replicaReads,
  sec01,
  secretCanary,
  log01,
  log02,
  log03,
  log04,
  log05,
  anonymousPerson,
  addressChange,
  pathIds,
  bodyIds,
  claimsForged,
  matrixPages,
  roleApprovedAlone,
  roleApprovedTwice,
  roleWithoutApproval,
  roleRemoved,
  roleOldSession,
  actingAsOthers,
  actingWithoutReason,
  actingTooLong,
  actingChanges,
  oau03,
  revokedKey,
  mfa07,
  ses04,
  backupRestore,
  backupRecoveryPoint,
  backupShare,
  jwt06,
];

/** The check of this id, or undefined. */
export function checkById(id: string): Check | undefined {
  return checks.find((check) => check.id === id);
}
