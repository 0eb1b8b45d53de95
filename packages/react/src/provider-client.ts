// Signing in through another provider, and linking it to the account. The browser leaves and comes back with a code that only it
// can exchange (RFC 7636), so that no token ever stands in an address.
import type { User } from "./auth-state.ts";
import { readJson, readSession, type SessionAnswer, text } from "./identity-answer.ts";
import { ReactError } from "./react-error.ts";
import type { SecureFetch } from "./secure-fetch.ts";

const BASE = "/auth/v1";
const VERIFIER_KEY = "holdfast.verifier";
/** RFC 7636 §4.1: 32 random bytes. */
const VERIFIER_BYTES = 32;

/** One way into the account, in Supabase Auth's shape. */
export type Identity = NonNullable<User["identities"]>[number];

export interface ProviderSurroundings {
  readonly origin: string;
  readonly storage: Storage | null;
}

/** `direct` sends without a session, `withSession` renews the access token when needed. */
export function providerClient(direct: SecureFetch, withSession: SecureFetch, around: ProviderSurroundings) {
  const begin = async (provider: string, returnPath: string): Promise<URLSearchParams> => {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(VERIFIER_BYTES)));
    around.storage?.setItem(VERIFIER_KEY, verifier);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    return new URLSearchParams({
      provider,
      redirect_to: new URL(returnPath, around.origin).href,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "s256",
    });
  };
  return {
    /** Where to go in order to sign in there; the browser comes back to `returnPath` with a code. */
    async providerAddress(provider: string, returnPath: string): Promise<string> {
      return `${BASE}/authorize?${await begin(provider, returnPath)}`;
    },
    /** The same in order to link the provider to the account that is signed in. */
    async linkAddress(provider: string, returnPath: string): Promise<string> {
      const query = await begin(provider, returnPath);
      query.set("skip_http_redirect", "true");
      return text((await readJson(await withSession(`${BASE}/user/identities/authorize?${query}`)))["url"]);
    },
    async exchangeCode(code: string): Promise<SessionAnswer> {
      const verifier = around.storage?.getItem(VERIFIER_KEY) ?? null;
      around.storage?.removeItem(VERIFIER_KEY);
      if (verifier === null) {
        throw new ReactError(
          "react/flow-unknown",
          "This sign-in was not begun in this browser.",
          "Begin again here; a link from elsewhere signs nobody in.",
        );
      }
      const json = { auth_code: code, code_verifier: verifier };
      return readSession(await direct(`${BASE}/token?grant_type=pkce`, { method: "POST", json }));
    },
    async unlinkIdentity(identityId: string): Promise<void> {
      await withSession(`${BASE}/user/identities/${encodeURIComponent(identityId)}`, { method: "DELETE" });
    },
  };
}

export type ProviderClient = ReturnType<typeof providerClient>;

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
