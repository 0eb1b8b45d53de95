// Identity's calls that go by way of a message: confirming an address, signing in by code or link, a forgotten password, another
// address. None of them tells whether an address has an account.
import type { User } from "./auth-state.ts";
import { readSession, readUser, type SessionAnswer } from "./identity-answer.ts";
import type { SecureFetch, SecureRequest } from "./secure-fetch.ts";

const BASE = "/auth/v1";

/** What a code or link of a message is for, in Supabase Auth's words. */
export type MessagePurpose = "signup" | "email" | "recovery" | "invite" | "email_change";

const post = (json: unknown): SecureRequest => ({ method: "POST", json });

/** `direct` sends without a session, `withSession` renews the access token when needed. */
export function messageClient(direct: SecureFetch, withSession: SecureFetch) {
  return {
    /** A message with a link and a code that sign in; an address without an account gets one where sign-up is open. */
    async requestSignIn(email: string): Promise<void> {
      await direct(`${BASE}/otp`, post({ email, create_user: true }));
    },
    async requestRecovery(email: string): Promise<void> {
      await direct(`${BASE}/recover`, post({ email }));
    },
    /** The message that confirms a sign-up, once more. */
    async resendConfirmation(email: string): Promise<void> {
      await direct(`${BASE}/resend`, post({ type: "signup", email }));
    },
    async redeemCode(purpose: MessagePurpose, email: string, token: string): Promise<SessionAnswer> {
      return readSession(await direct(`${BASE}/verify`, post({ type: purpose, email, token })));
    },
    /** After a recovery: the session was begun from the mailbox a moment ago, so no present password is asked for. */
    async choosePassword(password: string): Promise<User> {
      return readUser(await withSession(`${BASE}/user`, { method: "PUT", json: { password } }));
    },
    /** Asks for another address. It counts once the messages to the old and to the new one are confirmed. */
    async changeEmail(email: string): Promise<User> {
      return readUser(await withSession(`${BASE}/user`, { method: "PUT", json: { email } }));
    },
  };
}

export type MessageClient = ReturnType<typeof messageClient>;
