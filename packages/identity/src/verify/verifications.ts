// Every type that can be verified, in one place.
import { emailVerification, signUpVerification } from "./accept-address.ts";
import { recoveryVerification } from "./accept-recovery.ts";
import type { Verification } from "./verification.ts";
import type { VerifyType } from "./verify-type.ts";

export const verifications: Readonly<Partial<Record<VerifyType, Verification>>> = {
  signup: signUpVerification,
  magiclink: emailVerification,
  email: emailVerification,
  recovery: recoveryVerification,
};
