// Somebody makes an account for themselves. The answer is built from what they sent and nothing else: whether the address was
// free shows neither in status nor body nor in the work done (ASVS 5.0 §6.3.8). So it bears no session; the client signs in.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { countSignUp } from "../limit/attempts.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { nothingSent, userJson } from "./account.ts";
import { insertAccount } from "./account-store.ts";
import { readEmail } from "./create-account.ts";
import { accountLabel } from "./email-address.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";

export interface SignUpRequest {
  readonly email: string;
  readonly password: string;
  readonly data: Metadata;
  /** The whole body as it was sent. */
  readonly body: unknown;
}

/** The user as the client sees it. @throws IdentityError signup_disabled, over_request_rate_limit, weak_password, … */
export async function signUp(
  context: IdentityContext,
  caller: Caller,
  request: SignUpRequest,
): Promise<Record<string, unknown>> {
  const { policy, database, rules } = context;
  if (policy.identity.signUp === "closed") {
    emitEvent(context, caller, "account.refused", { reason: "sign-up-closed" });
    throw new IdentityError("signup_disabled");
  }
  const email = readEmail(request.email);
  const label = accountLabel(email);
  await countSignUp(context, caller, label);
  const userMetadata = mergeUserMetadata({}, request.data);
  const roles = rules.rolesOfNewAccount(policy.identity.defaultRoles, request.body);
  const appMetadata = mergeAppMetadata(context, {}, { roles });
  const password = await refusingWeak(context, caller, email, label, request.password);
  const passwordHash = await context.hasher.hash(password);
  const now = context.now();
  const id = randomUUID();
  const stored = { id, email, passwordHash, appMetadata, userMetadata, isEmailConfirmed: false, bannedUntil: null };
  const isNew = await insertAccount(database, stored, now);
  if (isNew)
    emitEvent(context, caller, "account.created", { subject: id, reason: "sign-up", detail: { account: label } });
  else emitEvent(context, caller, "account.refused", { reason: "address-taken", detail: { account: label } });
  if (!isNew && rules.revealsUnknownAccounts()) throw new IdentityError("email_exists");
  return answer(id, email, { roles: [...roles].sort() }, userMetadata, now);
}

async function refusingWeak(
  context: IdentityContext,
  caller: Caller,
  email: string,
  label: string,
  given: string,
): Promise<string> {
  try {
    return await choosePassword(context, email, given);
  } catch (error) {
    // The refusal goes on as it is; it is caught only to be recorded.
    if (error instanceof IdentityError) {
      emitEvent(context, caller, "account.refused", { reason: error.code, detail: { account: label } });
    }
    throw error;
  }
}

function answer(
  id: string,
  email: string,
  { roles }: { readonly roles: readonly string[] },
  userMetadata: Metadata,
  now: number,
): Record<string, unknown> {
  const time = new Date(now).toISOString();
  const identity = {
    id: randomUUID(),
    providerId: id,
    provider: "email",
    identityData: { sub: id, email, email_verified: false, phone_verified: false },
    lastSignInAt: null,
    createdAt: time,
    updatedAt: time,
  };
  return userJson({
    id,
    email,
    phone: "",
    isAnonymous: false,
    passwordHash: null,
    emailConfirmedAt: null,
    phoneConfirmedAt: null,
    invitedAt: null,
    newEmail: "",
    newPhone: "",
    sentAt: nothingSent,
    lastSignInAt: null,
    appMetadata: { provider: "email", providers: ["email"], roles },
    userMetadata,
    bannedUntil: null,
    deletedAt: null,
    createdAt: now,
    updatedAt: now,
    roleEnds: {},
    factors: [],
    passkeys: [],
    identities: [identity],
  });
}
