// Roles of other people. A privileged role is asked for by one administrator and approved by another; any other role is given by
// one. Taking a role away needs nobody: it ends the account's sessions. What is given counts from the next request on,
// and a privileged role from the next sign-in.
import { randomUUID } from "node:crypto";
import { requireAccount } from "../account/administer-account.ts";
import type { Statements } from "../database.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { endOnce } from "../once/once.ts";
import { mailedPurposes } from "../once/purpose.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { announceEnded, tokensEndAt } from "../session/end-sessions.ts";
import { type EndedSession, endSessions } from "../session/session-store.ts";
import { type Actor, actorFacts } from "./actor.ts";
import type { RoleOutcome, RoleRequest } from "./person.ts";
import { currentRoles, holdsAdministration, needsApproval, refuseActor } from "./privilege.ts";
import { decideRequest, deleteGrant, findRequest, insertGrant, insertRequest, type Verdict } from "./role-store.ts";

const millisecondsPerDay = 86_400_000;
/** A request that nobody decided in so long is void. */
export const requestLifeMs = 7 * millisecondsPerDay;
/** Requests that may be open at the same time. */
const openRequestsMax = 500;
/** A grant that ends by itself ends within ten years. */
const grantLifeMsMax = 3650 * millisecondsPerDay;
const reasonCharactersMax = 200;

export interface RoleWish {
  readonly userId: string;
  readonly role: string;
  readonly reason: string;
  /** When the grant ends by itself; null for never. */
  readonly until: number | null;
}

/** @throws IdentityError validation_failed */
export function readReason(reason: string): string {
  const text = reason.trim();
  if (text.length < 3 || text.length > reasonCharactersMax) {
    throw new IdentityError("validation_failed", { message: `Say why, in 3 to ${reasonCharactersMax} characters` });
  }
  return text;
}

function checkWish(context: IdentityContext, { role, until }: RoleWish): void {
  if (!Object.hasOwn(context.policy.roles, role)) {
    const known = Object.keys(context.policy.roles).join(", ");
    throw new IdentityError("validation_failed", { message: `The policy has no such role; it has ${known}` });
  }
  const now = context.now();
  if (until !== null && !(until > now && until <= now + grantLifeMsMax)) {
    throw new IdentityError("validation_failed", { message: "until must lie in the future, within ten years" });
  }
}

/**
 * Gives a role, or asks another administrator to approve it.
 * @throws IdentityError validation_failed, user_not_found, conflict when the account has the role or the request is open already
 */
export async function wishRole(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  given: RoleWish,
): Promise<RoleOutcome> {
  const wish = { ...given, reason: readReason(given.reason) };
  checkWish(context, wish);
  const account = await requireAccount(context, wish.userId);
  if (currentRoles(account, context.now()).includes(wish.role)) {
    throw new IdentityError("conflict", { message: "The account has that role" });
  }
  if (!context.rules.mayGrantAlone(needsApproval(context.policy, wish.role), actor.kind)) {
    return { kind: "requested", request: await requestRole(context, caller, actor, wish) };
  }
  await grantRole(context, caller, actor, wish);
  return { kind: "granted" };
}

/** Gives a role without asking anybody: whoever calls has seen that it may be. */
export async function grantRole(context: IdentityContext, caller: Caller, actor: Actor, wish: RoleWish): Promise<void> {
  const grantedBy = actor.kind === "administrator" ? actor.id : null;
  const ended = await context.database.transaction(async (database) => {
    const outcome = await insertGrant(database, { ...wish, grantedBy }, context.now());
    if (outcome === null) throw new IdentityError("user_not_found");
    if (outcome === "held") throw new IdentityError("conflict", { message: "The account has that role" });
    return await endOrdinary(context, database, wish);
  });
  announceGranted(context, caller, actorFacts(actor), wish.userId, wish);
  announceEnded(context, caller, ended, "role-given");
}

/**
 * Nothing that opened the account while it was an ordinary one opens it once it is privileged: no link or code that went out or was
 * made, and no session. Whoever has the role signs in for it.
 */
async function endOrdinary(
  context: IdentityContext,
  database: Statements,
  { userId, role }: Pick<RoleWish, "userId" | "role">,
): Promise<readonly EndedSession[]> {
  const isPrivileged = needsApproval(context.policy, role);
  if (isPrivileged) await endOnce({ ...context, database }, { userId }, mailedPurposes);
  if (!context.rules.endsSessionsWithGrant(isPrivileged)) return [];
  return await endSessions(database, userId, { kind: "all" }, context.now(), tokensEndAt(context));
}

function announceGranted(
  context: IdentityContext,
  caller: Caller,
  facts: { readonly reason: string; readonly actor?: string },
  subject: string,
  { role, reason, until }: Pick<RoleWish, "role" | "reason" | "until">,
): void {
  context.onRolesChanged(subject, context.now());
  const detail = { added: role, removed: "", why: reason, ...(until === null ? {} : { until }) };
  emitEvent(context, caller, "role.changed", { subject, ...facts, detail });
}

async function requestRole(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  wish: RoleWish,
): Promise<RoleRequest> {
  // A program cannot be asked back, and has no colleague.
  if (actor.kind !== "administrator") {
    throw refuseActor(context, caller, actor, wish.userId, new IdentityError("role_approval_required"));
  }
  const now = context.now();
  const id = randomUUID();
  const stored = { ...wish, id, requestedBy: actor.id, expiresAt: now + requestLifeMs };
  if (!(await insertRequest(context.database, stored, now, openRequestsMax))) {
    throw new IdentityError("conflict", { message: "That role has been asked for already and waits for approval" });
  }
  const detail = {
    role: wish.role,
    request: id,
    why: wish.reason,
    ...(wish.until === null ? {} : { until: wish.until }),
  };
  emitEvent(context, caller, "role.requested", { subject: wish.userId, actor: actor.id, detail });
  const request = await findRequest(context.database, id);
  if (request === null) throw new IdentityError("user_not_found");
  return request;
}

export type WantedVerdict = Pick<Verdict, "id" | "decision" | "note">;

/**
 * Approves, refuses or withdraws a request. Whoever asked may only withdraw, and whoever would gain decides nothing.
 * @throws IdentityError role_request_not_found, role_request_closed, approver_not_independent, not_admin
 */
export async function decideRole(
  context: IdentityContext,
  caller: Caller,
  actor: Extract<Actor, { readonly kind: "administrator" }>,
  wanted: WantedVerdict,
): Promise<RoleRequest> {
  const request = await findRequest(context.database, wanted.id);
  if (request === null) throw new IdentityError("role_request_not_found");
  const refuse = (code: "approver_not_independent" | "role_request_closed" | "not_admin") =>
    refuseActor(context, caller, actor, request.userId, new IdentityError(code));
  const isWithdrawal = wanted.decision === "withdrawn";
  const isOwn = request.requestedBy === actor.id;
  if (isWithdrawal ? !isOwn : !context.rules.mayDecide(request, actor.id)) throw refuse("approver_not_independent");
  if (!(await isAdministrator(context, actor.id))) throw refuse("not_admin");
  // Who asked must still be one who may: a request does not outlive the right to make it.
  if (wanted.decision === "approved" && !(await isAdministrator(context, request.requestedBy))) {
    throw refuse("role_request_closed");
  }
  const note = wanted.note.trim().slice(0, reasonCharactersMax);
  const verdict = { ...wanted, note, decidedBy: actor.id, again: context.rules.decidesAgain() };
  const { decided, ended } = await context.database.transaction(async (database) => {
    const decided = await decideRequest(database, verdict, context.now());
    if (decided === null) throw refuse("role_request_closed");
    return { decided, ended: decided.decision === "approved" ? await endOrdinary(context, database, decided) : [] };
  });
  announceDecided(context, caller, actor.id, decided);
  announceEnded(context, caller, ended, "role-given");
  return decided;
}

function announceDecided(context: IdentityContext, caller: Caller, actor: string, request: RoleRequest): void {
  const { userId: subject, role, id, note, requestedBy } = request;
  const detail = { role, request: id, requestedBy, ...(note === "" ? {} : { note }) };
  if (request.decision !== "approved") {
    emitEvent(context, caller, "role.refused", { subject, actor, reason: request.decision ?? "refused", detail });
    return;
  }
  emitEvent(context, caller, "role.approved", { subject, actor, detail });
  announceGranted(context, caller, { reason: "approved", actor }, subject, request);
}

async function isAdministrator(context: IdentityContext, id: string): Promise<boolean> {
  const account = await requireAccount(context, id).catch((error: unknown) => {
    // Somebody who is gone is no administrator; anything else is not ours to judge.
    if (error instanceof IdentityError && error.code === "user_not_found") return null;
    throw error;
  });
  return account !== null && holdsAdministration(context, account);
}

/** Takes a role away at once: the account's sessions end with it. @throws IdentityError user_not_found, conflict */
export async function withdrawRole(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  { userId, role, reason }: Pick<RoleWish, "userId" | "role" | "reason">,
): Promise<void> {
  const why = readReason(reason);
  await requireAccount(context, userId);
  // In one transaction: a right that is gone while its sessions live would be gone only for new ones.
  const ended = await context.database.transaction(async (database) => {
    if (!(await deleteGrant(database, userId, role, context.now()))) {
      throw new IdentityError("conflict", { message: "The account does not have that role" });
    }
    if (!context.rules.endsSessionsWithRole()) return [];
    return await endSessions(database, userId, { kind: "all" }, context.now(), tokensEndAt(context));
  });
  const detail = { added: "", removed: role, why };
  emitEvent(context, caller, "role.changed", { subject: userId, ...actorFacts(actor), detail });
  const by = actor.kind === "administrator" ? { actor: actor.id } : {};
  announceEnded(context, caller, ended, "role-removed", by);
}
