// Somebody tries the application before they say who they are. All they hold is one session: no role, no address, no password and
// no factor. Adding a confirmed address makes the same account a permanent one.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { countAnonymousSignUp } from "../limit/attempts.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import { findAccount, insertAccount } from "./account-store.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";

/** @throws IdentityError anonymous_provider_disabled, signup_disabled, over_request_rate_limit, validation_failed */
export async function signUpAnonymously(
  context: IdentityContext,
  caller: Caller,
  data: Metadata,
): Promise<SessionAnswer> {
  const { anonymous, signUp, defaultRoles } = context.policy.identity;
  const refuse = (code: "anonymous_provider_disabled" | "signup_disabled") => {
    emitEvent(context, caller, "account.refused", { reason: code });
    return new IdentityError(code);
  };
  const roles = context.rules.rolesOfAnonymous(anonymous, defaultRoles);
  if (roles === null) throw refuse("anonymous_provider_disabled");
  if (signUp === "closed") throw refuse("signup_disabled");
  await countAnonymousSignUp(context, caller);
  const id = randomUUID();
  const stored = {
    id,
    email: "",
    isAnonymous: true,
    passwordHash: null,
    appMetadata: mergeAppMetadata(context, {}, { roles }),
    userMetadata: mergeUserMetadata({}, data),
    isEmailConfirmed: false,
    bannedUntil: null,
  };
  await insertAccount(context.database, stored, context.now());
  const account = await findAccount(context.database, id);
  if (account === null) throw new Error("An account that was just stored is not there.");
  emitEvent(context, caller, "account.created", { subject: id, reason: "anonymous" });
  const { session, answer } = await beginSession(context, caller, account, "anonymous");
  emitEvent(context, caller, "signin.succeeded", { subject: id, sessionId: session.id, reason: "anonymous" });
  return answer;
}
