// Identity's calls about passkeys, security keys and recovery codes, in browser mode.
import { type Authenticators, requireAuthenticators } from "./ceremony.ts";
import { badAnswer, readJson, readSession, type SessionAnswer, text } from "./identity-answer.ts";
import type { SecureFetch, SecureRequest } from "./secure-fetch.ts";

const BASE = "/auth/v1";

/** A passkey of the account, in identity's shape. */
export interface Passkey {
  readonly id: string;
  readonly friendly_name: string;
  readonly created_at: string;
  readonly last_used_at?: string;
}

/** How many recovery codes are left. */
export interface RecoveryCodesStatus {
  readonly total: number;
  readonly remaining: number;
}

const post = (json: unknown): SecureRequest => ({ method: "POST", json });

/** `direct` sends without a session, `withSession` renews the access token when needed. */
export function credentialClient(direct: SecureFetch, withSession: SecureFetch, authenticators: Authenticators | null) {
  return {
    ...passkeyCalls(direct, withSession, authenticators),
    ...phoneCalls(withSession),
    ...keyCalls(withSession, authenticators),
    ...recoveryCalls(withSession),
  };
}

export type CredentialClient = ReturnType<typeof credentialClient>;

function passkeyCalls(direct: SecureFetch, withSession: SecureFetch, authenticators: Authenticators | null) {
  return {
    async signInWithPasskey(): Promise<SessionAnswer> {
      const browser = requireAuthenticators(authenticators);
      const asked = await readJson(await direct(`${BASE}/passkeys/authentication/options`, post({})));
      const credential = await browser.get(asked["options"]);
      const json = { challenge_id: text(asked["challenge_id"]), credential };
      return readSession(await direct(`${BASE}/passkeys/authentication/verify`, post(json)));
    },
    async addPasskey(): Promise<void> {
      const browser = requireAuthenticators(authenticators);
      const asked = await readJson(await withSession(`${BASE}/passkeys/registration/options`, post({})));
      const credential = await browser.create(asked["options"]);
      const json = { challenge_id: text(asked["challenge_id"]), credential };
      await withSession(`${BASE}/passkeys/registration/verify`, post(json));
    },
    async listPasskeys(): Promise<readonly Passkey[]> {
      const answer: unknown = await (await withSession(`${BASE}/passkeys`)).json();
      if (!Array.isArray(answer)) throw badAnswer();
      return answer as readonly Passkey[];
    },
    async renamePasskey(id: string, friendlyName: string): Promise<void> {
      const json = { friendly_name: friendlyName };
      await withSession(`${BASE}/passkeys/${encodeURIComponent(id)}`, { method: "PATCH", json });
    },
    async removePasskey(id: string): Promise<void> {
      await withSession(`${BASE}/passkeys/${encodeURIComponent(id)}`, { method: "DELETE" });
    },
  };
}

function phoneCalls(withSession: SecureFetch) {
  const factor = (id: string): string => `${BASE}/factors/${encodeURIComponent(id)}`;
  return {
    /** The number with its country code. */
    async enrolPhone(friendlyName: string, phone: string): Promise<string> {
      const json = { factor_type: "phone", friendly_name: friendlyName, phone };
      return text((await readJson(await withSession(`${BASE}/factors`, post(json))))["id"]);
    },
    /** Sends a code; whoever has it needs the challenge's id as well. */
    async challengePhone(factorId: string): Promise<string> {
      return text((await readJson(await withSession(`${factor(factorId)}/challenge`, post({}))))["id"]);
    },
    /** The first time this enrols the number, later it lifts the session. */
    async verifyPhone(factorId: string, challengeId: string, code: string): Promise<SessionAnswer> {
      return readSession(await withSession(`${factor(factorId)}/verify`, post({ challenge_id: challengeId, code })));
    },
  };
}

function keyCalls(withSession: SecureFetch, authenticators: Authenticators | null) {
  return {
    async enrolKey(friendlyName: string): Promise<string> {
      const json = { factor_type: "webauthn", friendly_name: friendlyName };
      return text((await readJson(await withSession(`${BASE}/factors`, post(json))))["id"]);
    },
    /** The first time this enrols the key, later it lifts the session. */
    async verifyKey(factorId: string): Promise<SessionAnswer> {
      const browser = requireAuthenticators(authenticators);
      const factor = `${BASE}/factors/${encodeURIComponent(factorId)}`;
      const asked = await readJson(await withSession(`${factor}/challenge`, post({})));
      const { type, credential_options: options } = (asked["webauthn"] ?? {}) as Record<string, unknown>;
      const { publicKey } = (options ?? {}) as Record<string, unknown>;
      const signed = type === "create" ? await browser.create(publicKey) : await browser.get(publicKey);
      const json = { challenge_id: text(asked["id"]), webauthn: { type, credential_response: signed } };
      return readSession(await withSession(`${factor}/verify`, post(json)));
    },
  };
}

function recoveryCalls(withSession: SecureFetch) {
  const path = `${BASE}/factors/recovery-codes`;
  const codesOf = async (response: Response): Promise<readonly string[]> => {
    const { codes } = await readJson(response);
    if (!Array.isArray(codes)) throw badAnswer();
    return codes as readonly string[];
  };
  return {
    async recoveryCodesStatus(): Promise<RecoveryCodesStatus> {
      const { total, remaining } = await readJson(await withSession(path));
      if (typeof total !== "number" || typeof remaining !== "number") throw badAnswer();
      return { total, remaining };
    },
    /** Ten codes, which nobody can read again. */
    makeRecoveryCodes: async (): Promise<readonly string[]> => codesOf(await withSession(path, post({}))),
    remakeRecoveryCodes: async (): Promise<readonly string[]> =>
      codesOf(await withSession(`${path}/regenerate`, post({}))),
    async removeRecoveryCodes(): Promise<void> {
      await withSession(path, { method: "DELETE" });
    },
    async redeemRecoveryCode(code: string): Promise<SessionAnswer> {
      return readSession(await withSession(`${path}/verify`, post({ code })));
    },
  };
}
