import { addressNetwork } from "../limit/address-key.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { Assurance } from "../rules.ts";
import { assuranceOf } from "../session/assurance.ts";
import { deviceOf } from "../session/device.ts";
import type { Session } from "../session/session-row.ts";
import { listSessions } from "../session/session-store.ts";
import type { AddRoute } from "./route.ts";

const millisecondsPerSecond = 1000;
const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

function sessionJson(session: Session, aal: Assurance, currentId: string, idleSeconds: number) {
  const device = deviceOf(session.userAgent);
  return {
    id: session.id,
    created_at: time(session.createdAt),
    refreshed_at: time(session.refreshedAt),
    // Whichever limit comes first, should nobody use the session again.
    ends_at: time(Math.min(session.notAfter, session.refreshedAt + idleSeconds * millisecondsPerSecond)),
    not_after: time(session.notAfter),
    aal,
    device: device.name,
    device_kind: device.kind,
    user_agent: session.userAgent,
    ip: session.address,
    network: addressNetwork(session.address),
    current: session.id === currentId,
  };
}

/** GET /user/sessions → 200 {sessions}: the person's own, newest first. An extension; auth-js has no such call. */
export const sessionList: AddRoute = (app, context) => {
  app.get("/user/sessions", async (request) => {
    const { account, session } = await authenticate(context, callerOf(request), request.headers.authorization);
    const { idleSeconds } = context.policy.identity.session;
    const all = await listSessions(context.database, account.id);
    const alive = all.filter((one) => context.rules.sessionEnd(one, idleSeconds, context.now()) === null);
    return {
      sessions: alive.map((one) => sessionJson(one, assuranceOf(context, account, one), session.id, idleSeconds)),
    };
  });
};
