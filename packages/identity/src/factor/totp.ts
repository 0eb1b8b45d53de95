// Time-based one-time passwords, RFC 6238: SHA-1, six digits, 30 seconds, one step of tolerance to either side.
import { Secret, TOTP } from "otpauth";

const digits = 6;
const periodSeconds = 30;
const toleranceSteps = 1;
const millisecondsPerSecond = 1000;
/** RFC 4226 §4 recommends 160 bits. */
const secretBytes = 20;
const codePattern = /^\d{6}$/;

export interface Enrolment {
  /** Base32, as a person types it. */
  readonly secret: string;
  /** `otpauth://totp/…` */
  readonly uri: string;
}

const authenticator = (secret: Buffer) =>
  new TOTP({
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }),
    algorithm: "SHA1",
    digits,
    period: periodSeconds,
  });

export const newSecret = (): Buffer => Buffer.from(new Secret({ size: secretBytes }).buffer);

export function describeEnrolment(secret: Buffer, issuer: string, account: string): Enrolment {
  const shown = new Secret({ buffer: new Uint8Array(secret).buffer });
  const totp = new TOTP({ secret: shown, issuer, label: account, algorithm: "SHA1", digits, period: periodSeconds });
  return { secret: shown.base32, uri: totp.toString() };
}

/** The time step whose code this is, or null. Whether the step is spent is for the database to decide, in one statement. */
export function matchingStep(secret: Buffer, code: string, now: number): number | null {
  if (!codePattern.test(code)) return null;
  const delta = authenticator(secret).validate({ token: code, timestamp: now, window: toleranceSteps });
  return delta === null ? null : Math.floor(now / millisecondsPerSecond / periodSeconds) + delta;
}

/** The code of the moment: what a person's device shows. For tests and checks. */
export function codeAt(base32: string, now: number): string {
  return new TOTP({ secret: Secret.fromBase32(base32), digits, period: periodSeconds }).generate({ timestamp: now });
}
