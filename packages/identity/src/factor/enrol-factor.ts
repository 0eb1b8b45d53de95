// A new TOTP factor. It counts only after a first code proved that the person's device knows the secret.
import { randomUUID } from "node:crypto";
import { toString as drawQrCode } from "qrcode";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { forgetStaleEnrolments, insertFactor } from "./factor-store.ts";
import { sealSecret } from "./sealed-secret.ts";
import { describeEnrolment, newSecret } from "./totp.ts";

const factorsMax = 10;

export interface EnrolmentRequest {
  readonly friendlyName: string;
  /** What the person's device shows beside the code; the application's name when empty. */
  readonly issuer: string;
}

/**
 * Auth-js's answer to an enrolment: the secret is shown here and never again.
 * @throws IdentityError mfa_totp_enroll_not_enabled, insufficient_aal, reauthentication_needed, too_many_enrolled_mfa_factors,
 * mfa_factor_name_conflict
 */
export async function enrolFactor(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  { friendlyName, issuer }: EnrolmentRequest,
): Promise<Record<string, unknown>> {
  const { account, session } = who;
  if (!context.policy.identity.factors.totp) throw new IdentityError("mfa_totp_enroll_not_enabled");
  requireFreshProof(context, caller, who);
  const now = context.now();
  await forgetStaleEnrolments(context.database, account.id, now);
  if (account.factors.length >= factorsMax) throw new IdentityError("too_many_enrolled_mfa_factors");
  const id = randomUUID();
  const secret = newSecret();
  const sealedSecret = sealSecret(context.keys.derive("factor-secret"), id, secret);
  const stored = await insertFactor(context.database, { id, userId: account.id, friendlyName, sealedSecret }, now);
  if (!stored) throw new IdentityError("mfa_factor_name_conflict");
  emitEvent(context, caller, "factor.enrolled", { subject: account.id, sessionId: session.id, detail: { factor: id } });
  const shown = describeEnrolment(secret, issuer === "" ? context.policy.application.name : issuer, account.email);
  const qrCode = await drawQrCode(shown.uri, { type: "svg" });
  return {
    id,
    type: "totp",
    friendly_name: friendlyName,
    totp: { qr_code: qrCode, secret: shown.secret, uri: shown.uri },
  };
}
