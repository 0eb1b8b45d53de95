// Limits on guessing, per account and per address. An attempt is counted before it is made and forgiven when it succeeds, so
// parallel guesses cannot slip past. What is locked is the address somebody typed, whether or not an account has it.
import { emailHash } from "../account/email-address.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { addressKey } from "./address-key.ts";
import { countAttempt, forgiveAttempts, uncountAttempt } from "./attempt-store.ts";

/** Many people may share an address (an office, a school): it may fail this many times as often as one account. */
const addressAttemptsFactor = 10;
/** Supabase Auth's own limit: thirty an hour. */
const anonymousAllowed = 30;
const anonymousWindowSeconds = 3600;
/** Challenges for passkeys in one window: a page that offers passkeys asks for one each time it is opened. */
const passkeyChallengesAllowed = 300;
const millisecondsPerSecond = 1000;

export type AttemptSubject =
  /** A password for the address that was typed (normalised). */
  | { readonly kind: "password"; readonly email: string; readonly account: string }
  /** A code for any factor of the account, in any of its sessions. */
  | { readonly kind: "factor"; readonly userId: string }
  /** One of the account's recovery codes: guessing them does not lock its other factors. */
  | { readonly kind: "recovery"; readonly userId: string }
  /** A code that was sent to an address or a number; `address` is its hash. */
  | { readonly kind: "code"; readonly address: string; readonly account: string };

export interface Attempt {
  /** What is being guessed at: the same for the same account, whether or not it exists. */
  readonly subject: string;
  /** The guess was right: the account starts afresh, the address gets this attempt back. */
  succeed(): Promise<void>;
  /** Nothing was checked: both get this attempt back. */
  cancel(): Promise<void>;
}

function keyOf(subject: AttemptSubject): string {
  switch (subject.kind) {
    case "password":
      return `password:${emailHash(subject.email)}`;
    case "factor":
    case "recovery":
      return `${subject.kind}:${subject.userId}`;
    case "code":
      return `code:${subject.address}`;
  }
}

/**
 * @throws IdentityError over_request_rate_limit, the same for accounts that exist and accounts that do not;
 * mfa_recovery_codes_locked for recovery codes
 */
export async function beginAttempt(
  context: IdentityContext,
  caller: Caller,
  subject: AttemptSubject,
): Promise<Attempt> {
  const { attempts } = context.policy.identity.lockout;
  const account = keyOf(subject);
  const address = `${subject.kind}-address:${addressKey(caller.address)}`;
  // The address first: an address that is locked out cannot lock accounts.
  await count(context, caller, subject, address, attempts * addressAttemptsFactor, "address");
  await count(context, caller, subject, account, attempts, "account");
  return {
    subject: account,
    succeed: () => forgiveAttempts(context.database, account, address),
    cancel: async () => {
      await uncountAttempt(context.database, account);
      await uncountAttempt(context.database, address);
    },
  };
}

async function count(
  context: IdentityContext,
  caller: Caller,
  subject: AttemptSubject,
  key: string,
  allowed: number,
  scope: "address" | "account",
): Promise<void> {
  const now = context.now();
  const windowMs = context.policy.identity.lockout.windowSeconds * millisecondsPerSecond;
  const counted = await countAttempt(context.database, key, now, windowMs);
  if (!context.rules.isLockedOut(counted.attempts, allowed)) return;
  emitEvent(context, caller, "signin.locked", {
    reason: `${subject.kind}-${scope}`,
    ...("userId" in subject ? { subject: subject.userId } : { detail: { account: subject.account } }),
  });
  const isRecovery = subject.kind === "recovery" && scope === "account";
  throw new IdentityError(isRecovery ? "mfa_recovery_codes_locked" : "over_request_rate_limit", {
    retryAfterSeconds: Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond)),
  });
}

/** A new set of codes has not been guessed at yet. */
export async function forgetRecoveryAttempts(context: IdentityContext, userId: string): Promise<void> {
  await context.database.query("delete from auth.attempts where key = $1", [keyOf({ kind: "recovery", userId })]);
}

/** Challenges for passkeys from one address: each makes a row before anybody has proven anything. */
export async function countPasskeyChallenge(context: IdentityContext, caller: Caller): Promise<void> {
  const { windowSeconds } = context.policy.identity.lockout;
  const now = context.now();
  const key = `passkey-address:${addressKey(caller.address)}`;
  const counted = await countAttempt(context.database, key, now, windowSeconds * millisecondsPerSecond);
  if (!context.rules.isLockedOut(counted.attempts, passkeyChallengesAllowed)) return;
  emitEvent(context, caller, "signin.locked", { reason: "passkey-address" });
  throw new IdentityError("over_request_rate_limit", {
    retryAfterSeconds: Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond)),
  });
}

/** Clients that register themselves, from one address. @throws IdentityError over_request_rate_limit */
export async function countRegistration(context: IdentityContext, caller: Caller): Promise<void> {
  const { attempts, windowSeconds } = context.policy.identity.lockout;
  const now = context.now();
  const key = `register-address:${addressKey(caller.address)}`;
  const counted = await countAttempt(context.database, key, now, windowSeconds * millisecondsPerSecond);
  if (!context.rules.isLockedOut(counted.attempts, attempts)) return;
  emitEvent(context, caller, "grant.refused", { reason: "too-many-registrations" });
  throw new IdentityError("over_request_rate_limit", {
    retryAfterSeconds: Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond)),
  });
}

/** Sign-ups from one address: each makes a hash and a row, and asks whether an address is free. None is forgiven. */
export async function countSignUp(context: IdentityContext, caller: Caller, label: string): Promise<void> {
  const { attempts, windowSeconds } = context.policy.identity.lockout;
  const limit = { key: "signup-address", allowed: attempts * addressAttemptsFactor, seconds: windowSeconds };
  await countNewAccount(context, caller, limit, { account: label });
}

/** Anonymous sign-ups from one address: each costs nothing and makes a row and a session. */
export async function countAnonymousSignUp(context: IdentityContext, caller: Caller): Promise<void> {
  const limit = { key: "anonymous-address", allowed: anonymousAllowed, seconds: anonymousWindowSeconds };
  await countNewAccount(context, caller, limit, {});
}

async function countNewAccount(
  context: IdentityContext,
  caller: Caller,
  limit: { readonly key: string; readonly allowed: number; readonly seconds: number },
  detail: Readonly<Record<string, string>>,
): Promise<void> {
  const key = `${limit.key}:${addressKey(caller.address)}`;
  const now = context.now();
  const counted = await countAttempt(context.database, key, now, limit.seconds * millisecondsPerSecond);
  if (!context.rules.isLockedOut(counted.attempts, limit.allowed)) return;
  emitEvent(context, caller, "account.refused", { reason: "too-many-from-address", detail });
  throw new IdentityError("over_request_rate_limit", {
    retryAfterSeconds: Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond)),
  });
}
