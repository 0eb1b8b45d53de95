// Ten codes that stand in for a lost second factor, each good once. They are shown when they are made and kept as HMACs only.
import { randomInt, randomUUID } from "node:crypto";
import type { Account, Factor } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt, forgetRecoveryAttempts } from "../limit/attempts.ts";
import { postNotice } from "../message/notice.ts";
import { issueOnce, spendOnce } from "../once/once.ts";
import { type Authenticated, refusedChange, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { isOffered, strongCredentials } from "../session/assurance.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { addFactor } from "./add-factor.ts";
import { deleteFactor } from "./factor-store.ts";
import { liftSession } from "./lift-session.ts";
import { countCodes, deleteCodes } from "./recovery-code-store.ts";
import { settleRemoval } from "./settle-removal.ts";

const codesMax = 10;
/** 79 bits: NIST SP 800-63B-4 §3.1.2.2 asks for 64 of a look-up secret. */
const codeCharacters = 16;
/** Without what people confuse: 0 and o, 1 and l and i. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
/** A hundred years: codes end by being used or replaced. */
const codeSeconds = 3_153_600_000;
const nameUsual = "Recovery codes";

/** Letter case, spaces and hyphens are how people write, not what the code is. */
const normalise = (code: string): string => code.normalize("NFKC").toLowerCase().replace(/[\s-]/g, "");

const makeCode = (): string =>
  Array.from({ length: codeCharacters }, () => alphabet[randomInt(alphabet.length)]).join("");

const codesFactor = (account: Account): Factor | undefined =>
  account.factors.find(({ type }) => type === "recovery_code");

/** @throws IdentityError mfa_factor_not_found */
function requireCodes(account: Account): Factor {
  const factor = codesFactor(account);
  if (factor !== undefined) return factor;
  throw new IdentityError("mfa_factor_not_found", { message: "The user has not enrolled recovery codes" });
}

/** How many codes are left, never which. @throws IdentityError mfa_factor_not_found */
export async function recoveryCodesStatus(
  context: IdentityContext,
  { account }: Authenticated,
): Promise<Record<string, unknown>> {
  const { id } = requireCodes(account);
  return { id, type: "recovery_code", ...(await countCodes(context, id)) };
}

/** Whoever makes or removes codes is at aal2, also where nothing asks for it: codes are worth aal2. */
function requireStrongSession(context: IdentityContext, caller: Caller, who: Authenticated): void {
  requireFreshProof(context, caller, who);
  if (!context.rules.mayChangeCredentials(who.assurance, true)) {
    throw refusedChange(context, caller, who, "insufficient_aal");
  }
}

/**
 * The account's first set.
 * @throws IdentityError mfa_recovery_codes_enroll_not_enabled, insufficient_aal, mfa_verified_factor_exists,
 * mfa_recovery_codes_sole_factor, too_many_enrolled_mfa_factors, mfa_factor_name_conflict
 */
export async function makeRecoveryCodes(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  friendlyName: string,
): Promise<Record<string, unknown>> {
  const { account } = who;
  if (!isOffered(context.policy, "recovery_code")) throw new IdentityError("mfa_recovery_codes_enroll_not_enabled");
  // Asked first: who has nothing else cannot have a session at aal2 either.
  if (strongCredentials(context.policy, account).length === 0) {
    throw new IdentityError("mfa_recovery_codes_sole_factor");
  }
  requireStrongSession(context, caller, who);
  if (codesFactor(account) !== undefined) throw new IdentityError("mfa_verified_factor_exists");
  const factor = {
    id: randomUUID(),
    userId: account.id,
    type: "recovery_code",
    friendlyName: friendlyName === "" ? nameUsual : friendlyName,
    sealedSecret: null,
    status: "verified",
  } as const;
  await addFactor(context, factor, context.now());
  return await issueCodes(context, caller, who, factor, "recovery-codes-made");
}

/** A new set in place of the old one. @throws IdentityError mfa_recovery_codes_enroll_not_enabled, insufficient_aal, mfa_factor_not_found */
export async function remakeRecoveryCodes(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
): Promise<Record<string, unknown>> {
  if (!isOffered(context.policy, "recovery_code")) throw new IdentityError("mfa_recovery_codes_enroll_not_enabled");
  requireStrongSession(context, caller, who);
  const factor = requireCodes(who.account);
  await deleteCodes(context, factor.id);
  await forgetRecoveryAttempts(context, who.account.id);
  return await issueCodes(context, caller, who, factor, "recovery-codes-remade");
}

async function issueCodes(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  factor: { readonly id: string; readonly friendlyName: string },
  reason: "recovery-codes-made" | "recovery-codes-remade",
): Promise<Record<string, unknown>> {
  const { id } = factor;
  const codes = new Set<string>();
  while (codes.size < codesMax) codes.add(makeCode());
  const request = {
    purpose: "recovery-code",
    subject: id,
    userId: account.id,
    seconds: codeSeconds,
    payload: {},
  } as const;
  for (const given of codes) await issueOnce(context, { ...request, secret: { given } });
  const detail = { factor: id, type: "recovery_code" };
  emitEvent(context, caller, "factor.enrolled", { subject: account.id, sessionId: session.id, reason, detail });
  postNotice(context, caller, account, "recovery-codes-made");
  const total = codes.size;
  return { id, type: "recovery_code", friendly_name: factor.friendlyName, total, codes: [...codes] };
}

/**
 * A code for the session at aal2.
 * @throws IdentityError mfa_recovery_codes_verify_not_enabled, mfa_recovery_codes_locked, mfa_verification_failed
 */
export async function useRecoveryCode(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  given: string,
): Promise<SessionAnswer> {
  const { account, session } = who;
  if (!isOffered(context.policy, "recovery_code")) throw new IdentityError("mfa_recovery_codes_verify_not_enabled");
  const secret = normalise(given);
  if (secret === "") throw new IdentityError("validation_failed", { message: "Code needs to be non-empty" });
  const attempt = await beginAttempt(context, caller, { kind: "recovery", userId: account.id });
  const factor = codesFactor(account);
  const spent =
    factor === undefined ? null : await spendOnce(context, { purpose: "recovery-code", subject: factor.id, secret });
  const facts = { subject: account.id, sessionId: session.id };
  if (factor === undefined || spent === null) {
    const detail = factor === undefined ? {} : { factor: factor.id };
    emitEvent(context, caller, "factor.failed", { ...facts, reason: "wrong-recovery-code", detail });
    throw new IdentityError("mfa_verification_failed", { message: "Invalid recovery code entered" });
  }
  const answer = await liftSession(context, caller, who, {
    factorId: factor.id,
    method: "mfa/recovery_code",
    isFirst: false,
  });
  await attempt.succeed();
  const { remaining } = await countCodes(context, factor.id);
  const detail = { factor: factor.id, first: false, remaining };
  emitEvent(context, caller, "factor.verified", { ...facts, reason: "recovery-code", detail });
  return answer;
}

/** True when the session ended with them. @throws IdentityError insufficient_aal, reauthentication_needed, mfa_factor_not_found */
export async function removeRecoveryCodes(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
): Promise<{ readonly id: string; readonly isOver: boolean }> {
  const { account, session } = who;
  requireStrongSession(context, caller, who);
  const { id } = requireCodes(account);
  await deleteCodes(context, id);
  if (!(await deleteFactor(context.database, account.id, id))) throw new IdentityError("mfa_factor_not_found");
  const facts = { subject: account.id, sessionId: session.id, detail: { factor: id, type: "recovery_code" } };
  emitEvent(context, caller, "factor.removed", { ...facts, reason: "own" });
  postNotice(context, caller, account, "factor-removed");
  return { id, isOver: await settleRemoval(context, caller, who) };
}
