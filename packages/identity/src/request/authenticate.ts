// Who asks: the bearer token's session as it is now, not as it was when the token was signed.
import type { Account } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { isServiceKeyAlive } from "../key/key-store.ts";
import type { Actor } from "../role/actor.ts";
import { holdsAdministration, isPrivileged } from "../role/privilege.ts";
import type { Assurance } from "../rules.ts";
import { assuranceOf, strongCredentials } from "../session/assurance.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import type { SessionActor } from "../session/session-row.ts";
import { findSession, type SessionWithAccount } from "../session/session-store.ts";
import { isOperatorKey, type VerifiedClaims, verifyToken } from "../token/access-token.ts";
import { uuidPattern } from "./body-schema.ts";
import { type Caller, emitEvent } from "./caller.ts";

export interface Authenticated extends SessionWithAccount {
  /** What the session is worth now. */
  readonly assurance: Assurance;
}

const bearerPattern = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;

/** The bearer token of a request. @throws IdentityError no_authorization */
export function bearerToken(authorization: string | undefined): string {
  const token = bearerPattern.exec(authorization ?? "")?.[1];
  if (token === undefined) throw new IdentityError("no_authorization");
  return token;
}

function sessionOf(claims: VerifiedClaims): { readonly userId: string; readonly sessionId: string } {
  const { sub, session_id: sessionId, role } = claims;
  if (role !== "authenticated" || sub === undefined || !uuidPattern.test(sub)) throw new IdentityError("bad_jwt");
  if (typeof sessionId !== "string" || !uuidPattern.test(sessionId)) throw new IdentityError("bad_jwt");
  return { userId: sub, sessionId };
}

/**
 * The person behind a request: the token holds, its session exists and is alive, its account is neither banned nor deleted.
 * The session is the person's own, not an OAuth client's.
 * @throws IdentityError no_authorization, bad_jwt, insufficient_scope, session_not_found, session_expired, user_banned, user_not_found
 */
export async function authenticate(
  context: IdentityContext,
  caller: Caller,
  authorization: string | undefined,
): Promise<Authenticated> {
  const who = await authenticateAnybody(context, caller, authorization);
  // A client acts for the person where its scope says so, and nowhere as the person.
  if (!context.rules.mayActAsPerson(who.session.client)) {
    emitEvent(context, caller, "edge.access-refused", {
      subject: who.account.id,
      sessionId: who.session.id,
      reason: "insufficient_scope",
    });
    throw new IdentityError("insufficient_scope");
  }
  refuseActing(context, caller, who);
  return who;
}

/** Who acts as somebody else sees what they see, and changes nothing about how they sign in. @throws IdentityError impersonated_session */
function refuseActing(context: IdentityContext, caller: Caller, { account, session }: Authenticated): void {
  const { actor, id: sessionId } = session;
  if (actor === null || context.rules.mayWhileActing(caller.route.replace(" /auth/v1/", " /"))) return;
  const facts = { subject: account.id, actor: actor.id, sessionId, reason: "credentials" };
  emitEvent(context, caller, "impersonation.refused", facts);
  throw new IdentityError("impersonated_session");
}

/** As `authenticate`, but also for the session of an OAuth client: whoever calls it looks at the session's `client`. */
export async function authenticateAnybody(
  context: IdentityContext,
  caller: Caller,
  authorization: string | undefined,
): Promise<Authenticated> {
  try {
    return await readSession(context, caller, await verifyToken(context, bearerToken(authorization)));
  } catch (error) {
    // The refusal goes on as it is; it is caught only to be recorded.
    if (error instanceof IdentityError) emitEvent(context, caller, "edge.token-refused", { reason: error.code });
    throw error;
  }
}

async function readSession(context: IdentityContext, caller: Caller, claims: VerifiedClaims): Promise<Authenticated> {
  const { userId, sessionId } = sessionOf(claims);
  const found = await findSession(context.database, sessionId);
  if (found === null || found.account.id !== userId) throw new IdentityError("session_not_found");
  await refuseDead(context, caller, found);
  const assurance = context.rules.assurance(
    claims.aal === "aal2" ? "aal2" : "aal1",
    assuranceOf(context, found.account, found.session),
  );
  return { ...found, assurance };
}

/** Refuses a session that is over and an account that may not act, and ends what should have ended. */
export async function refuseDead(
  context: IdentityContext,
  caller: Caller,
  { session, account }: SessionWithAccount,
  status = 403,
): Promise<void> {
  const now = context.now();
  if (account.deletedAt !== null) {
    await endAccountSessions(context, caller, account.id, { kind: "all" }, "account-deleted");
    throw new IdentityError("user_not_found", { status });
  }
  if (context.rules.isBanned(account.bannedUntil, now)) {
    await endAccountSessions(context, caller, account.id, { kind: "all" }, "banned");
    throw new IdentityError("user_banned", { status });
  }
  if (session.actor !== null && !(await mayStillAct(context, session.actor, account))) {
    await endAccountSessions(context, caller, account.id, { kind: "one", id: session.id }, "actor-gone");
    throw new IdentityError("session_not_found", { status });
  }
  const end = context.rules.sessionEnd(session, context.policy.identity.session.idleSeconds, now);
  if (end !== null) {
    await endAccountSessions(context, caller, account.id, { kind: "one", id: session.id }, end);
    throw new IdentityError("session_expired", { status });
  }
}

/** The administrator's own session is alive, they are still one, and the person has not become somebody nobody acts as. */
async function mayStillAct(context: IdentityContext, { sessionId }: SessionActor, person: Account): Promise<boolean> {
  if (isPrivileged(context.policy, person)) return false;
  const own = await findSession(context.database, sessionId);
  if (own === null || own.account.deletedAt !== null) return false;
  const { idleSeconds } = context.policy.identity.session;
  if (context.rules.sessionEnd(own.session, idleSeconds, context.now()) === "absolute") return false;
  return holdsAdministration(context, own.account);
}

const millisecondsPerSecond = 1000;

/**
 * Before a change to how the account signs in: the second factor where there is one, and a recent proof of who it is.
 * @throws IdentityError insufficient_aal, reauthentication_needed
 */
export function requireFreshProof(context: IdentityContext, caller: Caller, who: Authenticated): void {
  requireSecondFactor(context, caller, who);
  if (!wasRecentlyAuthenticated(context, who)) throw refusedChange(context, caller, who, "reauthentication_needed");
}

/** @throws IdentityError insufficient_aal */
export function requireSecondFactor(context: IdentityContext, caller: Caller, who: Authenticated): void {
  if (!context.rules.mayChangeCredentials(who.assurance, strongCredentials(context.policy, who.account).length > 0)) {
    throw refusedChange(context, caller, who, "insufficient_aal");
  }
}

/** The refusal of a change to how somebody signs in, recorded. */
export function refusedChange(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  code: "insufficient_aal" | "reauthentication_needed" | "current_password_required",
): IdentityError {
  emitEvent(context, caller, "edge.access-refused", { subject: account.id, sessionId: session.id, reason: code });
  return new IdentityError(code);
}

/** The refusal of something that is not the account's own, or is nothing, recorded: nobody tells which. */
export function refusedForeign(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  error: IdentityError,
): IdentityError {
  emitEvent(context, caller, "edge.access-refused", { subject: account.id, sessionId: session.id, reason: error.code });
  return error;
}

export function wasRecentlyAuthenticated(context: IdentityContext, { session }: Authenticated): boolean {
  const newest = session.amr[0]?.timestamp ?? session.createdAt / millisecondsPerSecond;
  return context.rules.isRecentlyAuthenticated(newest, context.now());
}

/**
 * The caller bears the service key, or the operator's.
 * @throws IdentityError no_authorization, bad_jwt, not_admin
 */
export async function requireServiceKey(
  context: IdentityContext,
  caller: Caller,
  authorization: string | undefined,
): Promise<Actor> {
  try {
    const claims = await verifyToken(context, bearerToken(authorization));
    if (claims.role !== "service_role") throw new IdentityError("not_admin");
    if (isOperatorKey(context, claims)) return { kind: "operator" };
    const { session_id: id } = claims;
    // One that was not issued here is none, whoever signed it.
    if (typeof id !== "string" || !uuidPattern.test(id)) throw new IdentityError("bad_jwt");
    if (!(await isServiceKeyAlive(context.database, id, context.now()))) throw new IdentityError("bad_jwt");
    return { kind: "service" };
  } catch (error) {
    // The refusal goes on as it is; it is caught only to be recorded.
    if (error instanceof IdentityError) emitEvent(context, caller, "admin.refused", { reason: error.code });
    throw error;
  }
}
