// The keys of identity: one ES256 key that signs, every key that is still believed, and keys derived for other purposes. The
// private key lives in the vault and never leaves this object; which keys are believed is kept in the database (key-store.ts).
import { createPrivateKey, generateKeyPairSync, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { calculateJwkThumbprint, importJWK, type CryptoKey as JoseKey, type JWK } from "jose";

/** What a derived key is for; the purposes never share a key. */
export type KeyPurpose =
  | "operator-key"
  | "refresh-token"
  | "factor-secret"
  | "one-time-token"
  | "provider-token"
  | "outbox";

/** The open half of a signing key. Its id is its thumbprint (RFC 7638). */
export type PublicKey = JWK & { readonly kid: string };

export interface PublishedKeys {
  readonly keys: readonly JWK[];
}

export interface SigningKeys {
  /** The key that signs now. */
  current(): { readonly kid: string; readonly privateKey: KeyObject };
  /** Its open half. */
  currentPublicKey(): PublicKey;
  /** Public keys only (RFC 7517): the current one and those whose tokens may still be alive. */
  published(): PublishedKeys;
  /** The published key of that id, or undefined. There is no fallback key. */
  verifier(kid: string): JoseKey | undefined;
  /** Changes whenever a key is added or withdrawn. */
  version(): number;
  /**
   * Makes a key that signs from now on. `announce` is told of it before it signs, so that whoever verifies can know it; when that
   * fails nothing changes. The private key before it is forgotten.
   */
  rotate(announce: (made: PublicKey, before: PublicKey) => Promise<void>): Promise<void>;
  /** Which other keys are believed; those that are not named are believed no longer. The current one is, unless it is refused. */
  learn(believed: readonly PublicKey[], refused: ReadonlySet<string>): Promise<void>;
  /** Signs with the key that the vault holds now, where another process has put another one there. False where it is the same. */
  reload(): Promise<boolean>;
  /** 32 bytes derived from a secret of the vault, so that nobody can make tokens from the database alone. */
  derive(purpose: KeyPurpose): Buffer;
}

export interface SigningKeySource {
  /** Reads the named secret, or makes and keeps it (the vault's `secret`). */
  readonly secret: (name: string, make: () => string) => Promise<string>;
  /** Keeps another value under the name (the vault's `replaceSecret`). */
  readonly replace: (name: string, value: string) => Promise<void>;
  /** Reads the named secret anew (the vault's `latestSecret`); without it a key that another process made is known after a restart. */
  readonly latest?: (name: string) => Promise<string | undefined>;
}

const signingKeySecret = "identity-signing-key";
const rootSecret = "identity-root-key";
const rootBytes = 32;
const derivedBytes = 32;

/** A key whose id does not begin with a hyphen, so that it can be a word of a command line. */
async function makeSigningKey(): Promise<string> {
  for (;;) {
    const secret = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }) as JWK;
    if (!(await publicKeyOf(secret)).kid.startsWith("-")) return JSON.stringify(secret);
  }
}

const makeRoot = (): string => randomBytes(rootBytes).toString("base64url");

async function publicKeyOf(secret: JWK): Promise<PublicKey> {
  const { kty, crv, x, y } = secret as JWK & { kty: string; crv: string; x: string; y: string };
  const open = { kty, crv, x, y };
  const kid = await calculateJwkThumbprint(open);
  return { ...open, kid, alg: "ES256", use: "sig", key_ops: ["verify"] };
}

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
  readonly verifier: JoseKey;
}

async function pairOf(text: string): Promise<Pair> {
  const secret = JSON.parse(text) as JWK;
  const publicKey = await publicKeyOf(secret);
  const privateKey = createPrivateKey({ key: secret as Record<string, unknown>, format: "jwk" });
  return { privateKey, publicKey, verifier: (await importJWK(publicKey, "ES256")) as JoseKey };
}

/** Opens the signing keys, and makes them when they are missing. */
export async function openSigningKeys(source: SigningKeySource): Promise<SigningKeys> {
  const fresh = await makeSigningKey();
  let own = await pairOf(await source.secret(signingKeySecret, () => fresh));
  const root = Buffer.from(await source.secret(rootSecret, makeRoot), "base64url");
  if (root.length !== rootBytes) throw new Error(`The secret ${rootSecret} must hold ${rootBytes} bytes.`);
  let others: readonly PublicKey[] = [];
  let refused: ReadonlySet<string> = new Set();
  let verifiers: ReadonlyMap<string, JoseKey> = new Map();
  let published: PublishedKeys = { keys: [] };
  let version = 0;
  let turn: Promise<void> = Promise.resolve();

  async function settle(): Promise<void> {
    const believed = [own.publicKey, ...others.filter(({ kid }) => kid !== own.publicKey.kid)].filter(
      ({ kid }) => !refused.has(kid),
    );
    const next = new Map<string, JoseKey>();
    for (const key of believed) {
      const known = key.kid === own.publicKey.kid ? own.verifier : verifiers.get(key.kid);
      next.set(key.kid, known ?? ((await importJWK(key, "ES256")) as JoseKey));
    }
    const isSame = next.size === verifiers.size && [...next.keys()].every((kid) => verifiers.has(kid));
    verifiers = next;
    if (isSame && published.keys[0]?.kid === own.publicKey.kid) return;
    published = { keys: believed };
    version += 1;
  }
  /** One at a time: each of them looks at what the one before left. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const result = turn.then(work);
    turn = result.catch(() => undefined); // Its caller is told; the next one still has a turn.
    return result;
  }
  await settle();

  const derived = (purpose: KeyPurpose) =>
    Buffer.from(hkdfSync("sha256", root, Buffer.alloc(0), `holdfast/identity/${purpose}`, derivedBytes));
  const purposes = {
    "operator-key": derived("operator-key"),
    "refresh-token": derived("refresh-token"),
    "factor-secret": derived("factor-secret"),
    "one-time-token": derived("one-time-token"),
    "provider-token": derived("provider-token"),
    outbox: derived("outbox"),
  };
  return {
    current: () => ({ kid: own.publicKey.kid, privateKey: own.privateKey }),
    currentPublicKey: () => own.publicKey,
    published: () => published,
    verifier: (kid) => verifiers.get(kid),
    version: () => version,
    rotate: (announce) =>
      inTurn(async () => {
        const text = await makeSigningKey();
        const made = await pairOf(text);
        await announce(made.publicKey, own.publicKey);
        await source.replace(signingKeySecret, text);
        others = [own.publicKey, ...others];
        own = made;
        await settle();
      }),
    reload: async () => {
      const before = own.publicKey.kid;
      await inTurn(async () => {
        const text = await source.latest?.(signingKeySecret);
        if (text === undefined) return;
        const found = await pairOf(text);
        if (found.publicKey.kid === before) return;
        others = [own.publicKey, ...others];
        own = found;
        await settle();
      });
      return own.publicKey.kid !== before;
    },
    learn: (believed, named) =>
      inTurn(async () => {
        others = believed;
        refused = named;
        await settle();
      }),
    derive: (purpose) => purposes[purpose],
  };
}
