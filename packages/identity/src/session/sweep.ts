// Clears away what has run out: sessions nobody came back to, counters of windows that are over, challenges, and the memory of
// ended sessions. Nothing depends on it; every reader checks times itself.

import { deleteLeftAnonymous } from "../account/account-store.ts";
import { destroyErasedKeys } from "../account/erased-keys.ts";
import { weighDecoys } from "../account/weigh-decoys.ts";
import { removeStaleEnrolments } from "../factor/factor-store.ts";
import type { IdentityContext } from "../identity-context.ts";
import { removeOldAttempts } from "../limit/attempt-store.ts";
import { removeOldAuthorizations } from "../oauth/authorization-store.ts";
import { removeOldTokens } from "../once/once.ts";
import { endRoles } from "../role/end-roles.ts";
import { endFacts } from "./end-sessions.ts";
import { removeExpiredSessions } from "./session-store.ts";

/** Rows of one kind removed by one statement. */
const rowsMax = 5000;
/** Statements of one kind in one sweep, where strangers make the rows: they go faster than anybody can make them. */
const statementsMax = 200;
const millisecondsPerSecond = 1000;

export const sweepEveryMs = 600_000;

/** Anonymous accounts that nobody can come back to: older than this, and without a session. */
const anonymousDays = 30;
const millisecondsPerDay = 86_400_000;

async function removeLeftAnonymous(context: IdentityContext, now: number): Promise<void> {
  const before = now - anonymousDays * millisecondsPerDay;
  for (const id of await deleteLeftAnonymous(context.database, before, rowsMax)) {
    context.emit({ name: "account.deleted", at: now, service: "identity", subject: id, reason: "left-anonymous" });
  }
}

async function removeAll(remove: () => Promise<number>): Promise<void> {
  for (let run = 0; run < statementsMax && (await remove()) === rowsMax; run += 1);
}

/** One sweep. Each session that had run out unnoticed is an event. */
export async function sweep(context: IdentityContext): Promise<void> {
  const now = context.now();
  const idleSince = now - context.policy.identity.session.idleSeconds * millisecondsPerSecond;
  const expired = await removeExpiredSessions(context.database, now, idleSince, rowsMax);
  for (const session of expired) {
    for (const [name, facts] of endFacts(session, session.notAfter <= now ? "absolute" : "idle")) {
      context.emit({ name, at: now, service: "identity", ...facts });
    }
  }
  await removeLeftAnonymous(context, now);
  await destroyErasedKeys(context, rowsMax);
  await weighDecoys(context);
  await endRoles(context);
  await removeAll(() => removeOldAttempts(context.database, now, rowsMax));
  await removeAll(() => removeOldTokens(context, rowsMax));
  await removeAll(() => removeOldAuthorizations(context.database, now, rowsMax));
  await removeStaleEnrolments(context.database, now, rowsMax);
  await context.database.query("delete from auth.mfa_challenges where expires_at <= $1", [new Date(now)]);
  await context.database.query("delete from auth.service_keys where expires_at <= $1", [new Date(now)]);
  await context.database.query("delete from holdfast_keeper.ended_sessions where until <= $1", [new Date(now)]);
}
