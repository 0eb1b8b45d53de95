// Challenges of WebAuthn ceremonies: 32 random bytes, good once, for one purpose and one session (W3C WebAuthn Level 3 §13.4.3).
import type { IdentityContext } from "../identity-context.ts";
import { issueOnce, spendOnce } from "../once/once.ts";
import type { OncePurpose } from "../once/purpose.ts";

/** How long a person may take at the prompt of their browser. */
export const challengeSeconds = 300;
const millisecondsPerSecond = 1000;

export interface Ceremony {
  readonly purpose: Extract<
    OncePurpose,
    "passkey-registration" | "passkey-authentication" | "factor-registration" | "factor-authentication"
  >;
  /** The session, and the factor if there is one; "" where nobody is signed in yet. */
  readonly subject: string;
}

export interface Challenge {
  readonly id: string;
  /** base64url. */
  readonly challenge: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

export async function issueChallenge(
  context: IdentityContext,
  { purpose, subject }: Ceremony,
  userId: string | null,
): Promise<Challenge> {
  const request = { purpose, subject, userId, seconds: challengeSeconds, payload: {}, secret: "token" } as const;
  const { id, secret } = await issueOnce(context, request);
  const expiresAt = Math.floor(context.now() / millisecondsPerSecond) + challengeSeconds;
  return { id, challenge: secret, expiresAt };
}

/** Spends the challenge that an authenticator signed. It must be the one that the client names, too. */
export async function spendChallenge(
  context: IdentityContext,
  { purpose, subject }: Ceremony,
  given: { readonly id: string; readonly challenge: string },
): Promise<"spent" | "expired" | "unknown"> {
  const redeemed = await spendOnce(context, { purpose, subject, secret: given.challenge });
  if (redeemed !== null) return redeemed.id === given.id ? "spent" : "unknown";
  const { rows } = await context.database.query(
    "select from auth.one_time_tokens where id = $1 and purpose = $2 and subject = $3 and spent_at is null and expires_at <= $4",
    [given.id, purpose, subject, new Date(context.now())],
  );
  return rows.length === 1 ? "expired" : "unknown";
}
