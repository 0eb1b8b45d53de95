// Which roles and accounts are privileged: those for which the policy asks for somebody else's approval.
import type { Policy } from "@holdfast/policy";
import type { Account } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Actor } from "./actor.ts";

/** A role that the policy does not know is privileged: nobody can say what it was worth. */
export const needsApproval = (policy: Policy, role: string): boolean =>
  Object.hasOwn(policy.roles, role) ? policy.roles[role]?.approval !== false : true;

export const isPrivileged = (policy: Policy, account: Account): boolean =>
  account.appMetadata.roles.some((role) => needsApproval(policy, role));

/** The roles of an account that count at this moment. */
export const currentRoles = (account: Account, now: number): readonly string[] =>
  account.appMetadata.roles.filter((role) => (account.roleEnds[role] ?? Number.POSITIVE_INFINITY) > now);

/** When the first of the account's roles ends by itself. */
export const firstRoleEnd = (account: Account, now: number): number =>
  Math.min(...currentRoles(account, now).map((role) => account.roleEnds[role] ?? Number.POSITIVE_INFINITY));

/** A refusal of something an administrator or a program wanted, recorded. */
export function refuseActor(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  subject: string | undefined,
  error: IdentityError,
): IdentityError {
  emitEvent(context, caller, "admin.refused", {
    reason: error.code,
    ...(subject === undefined ? {} : { subject }),
    ...(actor.kind === "administrator" ? { actor: actor.id } : {}),
  });
  return error;
}

/**
 * Before somebody else gives roles without asking anybody. @throws IdentityError role_approval_required
 */
export function requireMayGrant(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  subject: string | undefined,
  roles: readonly string[],
): void {
  const refused = roles.find((role) => !context.rules.mayGrantAlone(needsApproval(context.policy, role), actor.kind));
  if (refused === undefined) return;
  throw refuseActor(context, caller, actor, subject, new IdentityError("role_approval_required"));
}

/**
 * Before somebody else changes how an account signs in: whoever could do that to an administrator would be one, and would need
 * nobody's approval. @throws IdentityError privileged_account
 */
export function requireMayReset(context: IdentityContext, caller: Caller, actor: Actor, account: Account): void {
  if (context.rules.mayResetCredentials(isPrivileged(context.policy, account), actor.kind)) return;
  throw refuseActor(context, caller, actor, account.id, new IdentityError("privileged_account"));
}

/** Whether the account administers the platform now, as far as its roles say. */
export function holdsAdministration(context: IdentityContext, account: Account): boolean {
  const { policy, rules } = context;
  const holders = policy.roles[policy.platform.administrator]?.heldBy ?? [];
  const now = context.now();
  return !rules.isBanned(account.bannedUntil, now) && currentRoles(account, now).some((role) => holders.includes(role));
}
