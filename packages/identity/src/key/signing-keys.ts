// The keys of identity: one ES256 key that signs, every key that is still published, and keys derived for other purposes.
// Private keys live in the vault and never leave this object.
import { generateKeyPairSync, hkdfSync, randomBytes } from "node:crypto";
import { calculateJwkThumbprint, importJWK, type CryptoKey as JoseKey, type JWK } from "jose";

/** What a derived key is for; the purposes never share a key. */
export type KeyPurpose = "refresh-token" | "factor-secret" | "one-time-token" | "provider-token";

export interface PublishedKeys {
  readonly keys: readonly JWK[];
}

export interface SigningKeys {
  /** The key that signs now. */
  current(): { readonly kid: string; readonly privateKey: JoseKey };
  /** Public keys only (RFC 7517): the current one and those whose tokens may still be alive. */
  published(): PublishedKeys;
  /** The published key of that id, or undefined. There is no fallback key. */
  verifier(kid: string): JoseKey | undefined;
  /** Changes whenever a key is added or withdrawn. */
  version(): number;
  /** 32 bytes derived from a secret of the vault, so that nobody can make tokens from the database alone. */
  derive(purpose: KeyPurpose): Buffer;
}

export interface SigningKeySource {
  /** Reads the named secret, or makes and keeps it (the vault's `secret`). */
  readonly secret: (name: string, make: () => string) => Promise<string>;
}

const signingKeySecret = "identity-signing-key";
const rootSecret = "identity-root-key";
const rootBytes = 32;
const derivedBytes = 32;

const makeSigningKey = (): string =>
  JSON.stringify(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }));

const makeRoot = (): string => randomBytes(rootBytes).toString("base64url");

async function publicKeyOf(secret: JWK): Promise<JWK & { kid: string }> {
  const { kty, crv, x, y } = secret as JWK & { kty: string; crv: string; x: string; y: string };
  const open = { kty, crv, x, y };
  const kid = await calculateJwkThumbprint(open);
  return { ...open, kid, alg: "ES256", use: "sig", key_ops: ["verify"] };
}

/**
 * Opens the signing keys, and makes them when they are missing. A key id is the key's thumbprint (RFC 7638).
 * @param retired private or public JWKs, as JSON, that no longer sign but whose tokens are still accepted.
 */
export async function openSigningKeys(source: SigningKeySource, retired: readonly string[] = []): Promise<SigningKeys> {
  const signing = JSON.parse(await source.secret(signingKeySecret, makeSigningKey)) as JWK;
  const root = Buffer.from(await source.secret(rootSecret, makeRoot), "base64url");
  if (root.length !== rootBytes) throw new Error(`The secret ${rootSecret} must hold ${rootBytes} bytes.`);

  const open = await publicKeyOf(signing);
  const privateKey = (await importJWK(signing, "ES256")) as JoseKey;
  const keys = [open];
  for (const text of retired) keys.push(await publicKeyOf(JSON.parse(text) as JWK));
  const verifiers = new Map<string, JoseKey>();
  for (const key of keys) verifiers.set(key.kid, (await importJWK(key, "ES256")) as JoseKey);

  const derived = (purpose: KeyPurpose) =>
    Buffer.from(hkdfSync("sha256", root, Buffer.alloc(0), `holdfast/identity/${purpose}`, derivedBytes));
  const purposes = {
    "refresh-token": derived("refresh-token"),
    "factor-secret": derived("factor-secret"),
    "one-time-token": derived("one-time-token"),
    "provider-token": derived("provider-token"),
  };
  const published = { keys };
  return {
    current: () => ({ kid: open.kid, privateKey }),
    published: () => published,
    verifier: (kid) => verifiers.get(kid),
    version: () => 0,
    derive: (purpose) => purposes[purpose],
  };
}
