// A new second factor: an authenticator application or a security key. It counts only after a first proof that the person has it.
import { randomUUID } from "node:crypto";
import { toString as drawQrCode } from "qrcode";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { sealSecret } from "../key/sealed-secret.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { isOffered } from "../session/assurance.ts";
import { addFactor } from "./add-factor.ts";
import { forgetStaleEnrolments } from "./factor-store.ts";
import { describeEnrolment, newSecret } from "./totp.ts";

export interface EnrolmentRequest {
  readonly type: "totp" | "webauthn";
  readonly friendlyName: string;
  /** What the person's device shows beside the code; the application's name when empty. */
  readonly issuer: string;
}

/**
 * Auth-js's answer to an enrolment: a secret is shown here and never again.
 * @throws IdentityError mfa_totp_enroll_not_enabled, mfa_webauthn_enroll_not_enabled, insufficient_aal, reauthentication_needed,
 * too_many_enrolled_mfa_factors, mfa_factor_name_conflict
 */
export async function enrolFactor(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  { type, friendlyName, issuer }: EnrolmentRequest,
): Promise<Record<string, unknown>> {
  const { account, session } = who;
  if (!isOffered(context.policy, type)) throw new IdentityError(`mfa_${type}_enroll_not_enabled`);
  requireFreshProof(context, caller, who);
  const now = context.now();
  await forgetStaleEnrolments(context.database, account.id, now);
  const id = randomUUID();
  const secret = type === "totp" ? newSecret() : null;
  const sealedSecret = secret === null ? null : sealSecret(context.keys.derive("factor-secret"), id, secret);
  const factor = { id, userId: account.id, type, friendlyName, sealedSecret };
  await addFactor(context, factor, now);
  const detail = { factor: id, type };
  emitEvent(context, caller, "factor.enrolled", { subject: account.id, sessionId: session.id, detail });
  const answer = { id, type, friendly_name: friendlyName };
  if (secret === null) return answer;
  const shown = describeEnrolment(secret, issuer === "" ? context.policy.application.name : issuer, account.email);
  const qrCode = await drawQrCode(shown.uri, { type: "svg" });
  return { ...answer, totp: { qr_code: qrCode, secret: shown.secret, uri: shown.uri } };
}
