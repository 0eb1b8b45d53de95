import type { ApiContext, ApiRoute } from "../api-route.ts";
import type { VerifyReport } from "../shapes.ts";

/** Reads and hashes every log. One verification at a time: whoever asks meanwhile gets the same answer. */
export const eventVerify: ApiRoute = {
  id: "GET /platform/v1/events/verify",
  handle(context) {
    const running = verifications.get(context) ?? verify(context).finally(() => verifications.delete(context));
    verifications.set(context, running);
    return running;
  },
};

const verifications = new WeakMap<ApiContext, Promise<VerifyReport>>();

async function verify({ events, evidence, alerts, incidents, metrics }: ApiContext): Promise<VerifyReport> {
  const reports = {
    events: await events.verify(),
    evidence: await evidence.verify(),
    alerts: await alerts.chain.verify(),
    incidents: await incidents.chain.verify(),
  };
  for (const [log, report] of Object.entries(reports)) metrics.noteVerification(log, report.intact);
  return { intact: Object.values(reports).every((report) => report.intact), ...reports };
}
