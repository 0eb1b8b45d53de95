// Access tokens as identity issues them, signed with a key of the test's own.
import { randomUUID } from "node:crypto";
import type { CryptoKey, JSONWebKeySet, JWTHeaderParameters, JWTPayload } from "jose";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export interface TestIssuer {
  readonly issuer: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  jwks(): Promise<JSONWebKeySet>;
  /** A person's token, valid for `lifetimeSeconds` from `now`. */
  token(given?: {
    readonly roles?: readonly string[];
    readonly aal?: "aal1" | "aal2";
    readonly claims?: JWTPayload;
    readonly header?: Partial<JWTHeaderParameters>;
  }): Promise<string>;
  serviceKey(): Promise<string>;
}

const LIFETIME_SECONDS = 600;
const SERVICE_LIFETIME_SECONDS = 365 * 86_400;

export async function testIssuer(issuer: string, now: () => number): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = "test-key";
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };
  const sign = (payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> =>
    new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid, typ: "JWT", ...header }).sign(privateKey);
  const seconds = (): number => Math.floor(now() / 1000);
  return {
    issuer,
    kid,
    privateKey,
    jwks: async () => ({ keys: [jwk] }),
    token: ({ roles = [], aal = "aal1", claims = {}, header } = {}) =>
      sign(
        {
          iss: issuer,
          aud: "authenticated",
          sub: randomUUID(),
          iat: seconds(),
          exp: seconds() + LIFETIME_SECONDS,
          role: "authenticated",
          aal,
          session_id: randomUUID(),
          app_metadata: { provider: "email", providers: ["email"], roles },
          user_metadata: {},
          ...claims,
        },
        header,
      ),
    serviceKey: () =>
      sign({
        iss: issuer,
        aud: "authenticated",
        role: "service_role",
        iat: seconds(),
        exp: seconds() + SERVICE_LIFETIME_SECONDS,
      }),
  };
}
