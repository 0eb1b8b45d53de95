// Every type that can be verified, in one place.
import { emailVerification, signUpVerification } from "./accept-address.ts";
import { emailChangeVerification } from "./accept-email-change.ts";
import { inviteVerification } from "./accept-invite.ts";
import { phoneChangeVerification, phoneVerification } from "./accept-phone.ts";
import { recoveryVerification } from "./accept-recovery.ts";
import type { Verification } from "./verification.ts";
import type { VerifyType } from "./verify-type.ts";

export const verifications: Readonly<Record<VerifyType, Verification>> = {
  signup: signUpVerification,
  magiclink: emailVerification,
  email: emailVerification,
  recovery: recoveryVerification,
  invite: inviteVerification,
  email_change: emailChangeVerification,
  sms: phoneVerification,
  phone_change: phoneChangeVerification,
};
