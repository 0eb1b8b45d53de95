// Every route of the platform API, in one place. The policy names the same ones; the API does not start otherwise.
import type { ApiRoute } from "./api-route.ts";
import { accessGet } from "./routes/access-get.ts";
import { accessReview } from "./routes/access-review.ts";
import { alertAcknowledge } from "./routes/alert-acknowledge.ts";
import { alertList } from "./routes/alert-list.ts";
import { auditAccept } from "./routes/audit-accept.ts";
import { auditCheckpointList } from "./routes/audit-checkpoint-list.ts";
import { auditConsistency } from "./routes/audit-consistency.ts";
import { auditList } from "./routes/audit-list.ts";
import { auditProve } from "./routes/audit-prove.ts";
import { auditVerify } from "./routes/audit-verify.ts";
import { backupList } from "./routes/backup-list.ts";
import { backupMake } from "./routes/backup-make.ts";
import { controlGet } from "./routes/control-get.ts";
import { controlList } from "./routes/control-list.ts";
import { controlProve } from "./routes/control-prove.ts";
import { cspReport } from "./routes/csp-report.ts";
import { dataGet } from "./routes/data-get.ts";
import { drillList } from "./routes/drill-list.ts";
import { drillMake } from "./routes/drill-make.ts";
import { eventList } from "./routes/event-list.ts";
import { eventStream } from "./routes/event-stream.ts";
import { eventVerify } from "./routes/event-verify.ts";
import { evidenceAppend } from "./routes/evidence-append.ts";
import { evidenceList } from "./routes/evidence-list.ts";
import { inboxGet } from "./routes/inbox-get.ts";
import { incidentAcknowledge } from "./routes/incident-acknowledge.ts";
import { incidentClose } from "./routes/incident-close.ts";
import { incidentGet } from "./routes/incident-get.ts";
import { incidentList } from "./routes/incident-list.ts";
import { incrementMake } from "./routes/increment-make.ts";
import { keyList } from "./routes/key-list.ts";
import { metricsGet } from "./routes/metrics-get.ts";
import { peopleCreate } from "./routes/people-create.ts";
import { peopleList } from "./routes/people-list.ts";
import { performanceGet } from "./routes/performance-get.ts";
import { personBan } from "./routes/person-ban.ts";
import { personDelete } from "./routes/person-delete.ts";
import { personFactorRemove } from "./routes/person-factor-remove.ts";
import { personGet } from "./routes/person-get.ts";
import { personSessionEnd } from "./routes/person-session-end.ts";
import { personSessionsEnd } from "./routes/person-sessions-end.ts";
import { poolList } from "./routes/pool-list.ts";
import { providerList } from "./routes/provider-list.ts";
import { replicaList } from "./routes/replica-list.ts";
import { roleList } from "./routes/role-list.ts";
import { roleRequestDecide } from "./routes/role-request-decide.ts";
import { roleRequestList } from "./routes/role-request-list.ts";
import { roleWish } from "./routes/role-wish.ts";
import { roleWithdraw } from "./routes/role-withdraw.ts";
import { sessionList } from "./routes/session-list.ts";
import { signInList } from "./routes/sign-in-list.ts";
import { summary } from "./routes/summary.ts";

export const apiRoutes: readonly ApiRoute[] = [
  summary,
  controlList,
  controlGet,
  controlProve,
  eventList,
  eventStream,
  eventVerify,
  alertList,
  alertAcknowledge,
  incidentList,
  incidentGet,
  incidentAcknowledge,
  incidentClose,
  evidenceList,
  evidenceAppend,
  inboxGet,
  keyList,
  metricsGet,
  cspReport,
  peopleList,
  peopleCreate,
  personGet,
  personDelete,
  personBan,
  personSessionsEnd,
  personSessionEnd,
  personFactorRemove,
  sessionList,
  roleWish,
  roleWithdraw,
  roleList,
  roleRequestList,
  roleRequestDecide,
  providerList,
  poolList,
  replicaList,
  performanceGet,
  signInList,
  accessGet,
  accessReview,
  dataGet,
  backupList,
  backupMake,
  incrementMake,
  drillList,
  drillMake,
  auditList,
  auditVerify,
  auditProve,
  auditConsistency,
  auditCheckpointList,
  auditAccept,
];
