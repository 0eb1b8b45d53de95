// Every route of the platform API, in one place. The policy names the same ones; the API does not start otherwise.
import type { ApiRoute } from "./api-route.ts";
import { alertAcknowledge } from "./routes/alert-acknowledge.ts";
import { alertList } from "./routes/alert-list.ts";
import { controlGet } from "./routes/control-get.ts";
import { controlList } from "./routes/control-list.ts";
import { controlProve } from "./routes/control-prove.ts";
import { cspReport } from "./routes/csp-report.ts";
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
import { metricsGet } from "./routes/metrics-get.ts";
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
  metricsGet,
  cspReport,
];
