// One spelling for one number: E.164 without its plus sign, as Supabase Auth keeps it.
import { IdentityError } from "../error/identity-error.ts";

/** ITU-T E.164 §6: at most fifteen digits, the first of a country code. */
const numberPattern = /^[1-9][0-9]{1,14}$/;

/** @throws IdentityError validation_failed */
export function readPhone(given: string): string {
  const digits = given.normalize("NFKC").replace(/\s/g, "").replace(/^\+/, "");
  if (!numberPattern.test(digits)) {
    throw new IdentityError("validation_failed", { message: "Invalid phone number format (E.164 required)" });
  }
  return digits;
}
