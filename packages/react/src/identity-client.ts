// The calls of Supabase Auth's HTTP interface in browser mode: the answers hold no tokens, those arrive as HttpOnly cookies.
import type { Assurance } from "@holdfast/policy";
import type { User } from "./auth-state.ts";
import { badAnswer, readJson, readSession, readUser, type SessionAnswer, text } from "./identity-answer.ts";
import type { SecureFetch, SecureRequest } from "./secure-fetch.ts";

const BASE = "/auth/v1";

/** What a person needs to add this account to an authenticator application. */
export interface TotpEnrolment {
  readonly factorId: string;
  /** The secret as base32 text, for typing in. */
  readonly secret: string;
  /** `otpauth://` URI, for drawing as a QR code. */
  readonly uri: string;
}

/** One session of the account, in identity's shape. */
export interface Session {
  readonly id: string;
  readonly aal: Assurance;
  /** The session of this very browser. */
  readonly current: boolean;
  readonly created_at: string;
  readonly refreshed_at: string | null;
  /** When it ends if nobody uses it, or at the latest. */
  readonly ends_at: string;
  /** Read from what the browser called itself, so a hint and no proof. */
  readonly device: string;
  readonly user_agent: string | null;
  readonly ip: string | null;
}

export type SignOutScope = "local" | "global" | "others";

/** Identity's calls. `direct` sends without a refresh on the way; `withSession` renews the access token when needed. */
export function identityClient(direct: SecureFetch, withSession: SecureFetch) {
  const post = (json: unknown): SecureRequest => ({ method: "POST", json });
  return {
    async signIn(email: string, password: string): Promise<SessionAnswer> {
      return readSession(await direct(`${BASE}/token?grant_type=password`, post({ email, password })));
    },
    /** Holdfast's identity answers alike whether the address was free or not, and so without a session: sign in next. */
    async signUp(email: string, password: string): Promise<void> {
      await direct(`${BASE}/signup`, post({ email, password }));
    },
    async refresh(): Promise<SessionAnswer> {
      return readSession(await direct(`${BASE}/token?grant_type=refresh_token`, post({})));
    },
    async signOut(scope: SignOutScope): Promise<void> {
      await withSession(`${BASE}/logout?scope=${scope}`, post({}));
    },
    async readUser(): Promise<User> {
      return readUser(await withSession(`${BASE}/user`));
    },
    async changePassword(password: string, currentPassword: string): Promise<User> {
      const json = { password, current_password: currentPassword };
      return readUser(await withSession(`${BASE}/user`, { method: "PUT", json }));
    },
    async deleteAccount(): Promise<void> {
      await withSession(`${BASE}/user`, { method: "DELETE" });
    },
    async enrolTotp(friendlyName: string): Promise<TotpEnrolment> {
      const body = post({ factor_type: "totp", friendly_name: friendlyName });
      const answer = await readJson(await withSession(`${BASE}/factors`, body));
      const totp = answer["totp"] as { secret?: unknown; uri?: unknown } | undefined;
      return { factorId: text(answer["id"]), secret: text(totp?.secret), uri: text(totp?.uri) };
    },
    async verifyTotp(factorId: string, code: string): Promise<SessionAnswer> {
      const factor = `${BASE}/factors/${encodeURIComponent(factorId)}`;
      const challenge = await readJson(await withSession(`${factor}/challenge`, post({})));
      const json = { challenge_id: text(challenge["id"]), code };
      return readSession(await withSession(`${factor}/verify`, post(json)));
    },
    async removeFactor(factorId: string): Promise<void> {
      await withSession(`${BASE}/factors/${encodeURIComponent(factorId)}`, { method: "DELETE" });
    },
    async listSessions(): Promise<readonly Session[]> {
      const answer: unknown = await (await withSession(`${BASE}/user/sessions`)).json();
      const sessions = Array.isArray(answer) ? answer : (answer as { sessions?: unknown } | null)?.sessions;
      if (!Array.isArray(sessions)) throw badAnswer();
      return sessions as readonly Session[];
    },
    async revokeSession(sessionId: string): Promise<void> {
      await withSession(`${BASE}/user/sessions/${encodeURIComponent(sessionId)}`, { method: "DELETE" });
    },
  };
}

export type IdentityClient = ReturnType<typeof identityClient>;
