// Verifies access tokens: our issuer, our audience, our keys; ES256 only, save where a hosted project signs with RSA. A verified token is remembered by its SHA-256 for
// at most thirty seconds, since the signature is four fifths of the price of a request. Nothing about a refused token is kept.
import { hash } from "node:crypto";
import type { Subject } from "@holdfast/policy";
import { subjectFromClaims } from "@holdfast/policy";
import type { CryptoKey, JSONWebKeySet, JWK, JWTPayload } from "jose";
import { decodeProtectedHeader, errors, importJWK, jwtVerify } from "jose";

const CACHE_LIFETIME_MS = 30_000;
const CACHED_TOKENS_MAX = 10_000;
const KEYS_MAX = 16;
/** How soon an unknown `kid` may make us read the key set again. */
const KEY_SET_COOLDOWN_MS = 2_000;
/** A key that was withdrawn is believed no longer than this. */
const KEY_SET_LIFETIME_MS = 60_000;
const TOKEN_CHARACTERS_MAX = 8_192;
const CLOCK_TOLERANCE_SECONDS = 5;
/** A service key is long-lived, but not for ever (JWT-06). */
const SERVICE_LIFETIME_SECONDS_MAX = 10 * 366 * 86_400;
const MILLISECONDS_PER_SECOND = 1000;
const ALGORITHM = "ES256";
/** What a hosted project may sign with besides; each key verifies only the algorithm that it names (RFC 8725 §3.1). */
const ALGORITHMS: readonly string[] = [ALGORITHM, "RS256"];
/** A private member of a JWK (RFC 7517 §4): whose tokens the key may sign. Absent: anybody's. */
const SUBJECT_MEMBER = "holdfast_subject";
const AUDIENCE = "authenticated";
/** Header parameters by which a token would bring its own key (RFC 7515 §4.1.2–4.1.6; JWT-04) or its own rules (§4.1.11). */
const FOREIGN_HEADER_PARAMETERS = ["jwk", "jku", "x5u", "x5c", "crit", "b64"] as const;
const PART = /^[A-Za-z0-9_-]+$/;

/** Why a token was refused. */
export type TokenReason =
  | "malformed"
  | "algorithm"
  | "type"
  | "foreign-key"
  | "unknown-key"
  | "signature"
  | "expired"
  | "not-yet-valid"
  | "issuer"
  | "audience"
  | "claims"
  | "lifetime"
  | "session-ended"
  | "revocations-unknown"
  | "duplicate"
  | "not-a-person"
  | "scheme";

export interface VerifiedToken {
  readonly kind: "verified";
  readonly subject: Subject;
  readonly claims: Readonly<JWTPayload>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface RefusedToken {
  readonly kind: "refused";
  readonly reason: TokenReason;
}

/** A token's text and its SHA-256. */
export interface PresentedToken {
  text: string;
  digest: string;
}

export interface TokenVerifier {
  /**
   * The token as verified less than thirty seconds ago, or undefined. Costs one SHA-256, unless `last` is the same token: it is
   * the caller's memory of the one presented before, and is overwritten.
   */
  remembered(token: string, last?: PresentedToken): VerifiedToken | undefined;
  verify(token: string): Promise<VerifiedToken | RefusedToken>;
}

export interface TokenVerifierOptions {
  /** The issuer's current public keys; `wanted` is an id that may be new. Called at most once per two seconds. */
  readonly jwks: (wanted?: string) => Promise<JSONWebKeySet> | JSONWebKeySet;
  /** `<origin>/auth/v1`. */
  readonly issuer: string;
  /** The longest lifetime of a person's token that is believed. */
  readonly lifetimeSecondsMax: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly isSessionEnded?: (sessionId: string) => boolean;
  /** False while nobody can tell what was called back: no token is believed then. */
  readonly areRevocationsKnown?: () => boolean;
  /** Changes whenever a key is added or withdrawn: what was verified before is verified anew, with the keys as they are. */
  readonly keySetVersion?: () => number;
}

const refused = (reason: TokenReason): RefusedToken => ({ kind: "refused", reason });

/** Makes a verifier with its own cache and key set. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const cache = new Map<string, { readonly token: VerifiedToken; readonly until: number }>();
  const keyFor = keySet(options);

  let cachedVersion = options.keySetVersion?.() ?? 0;

  function remembered(token: string, last?: PresentedToken): VerifiedToken | undefined {
    if (!areRevocationsKnown(options)) return undefined;
    const version = options.keySetVersion?.() ?? 0;
    if (version !== cachedVersion) cache.clear();
    cachedVersion = version;
    const digest = last?.text === token ? last.digest : hash("sha256", token, "base64url");
    if (last !== undefined) {
      last.text = token;
      last.digest = digest;
    }
    const entry = cache.get(digest);
    if (entry === undefined) return undefined;
    if (entry.until > options.now() && !hasEnded(entry.token, options)) return entry.token;
    cache.delete(digest);
    return undefined;
  }

  function remember(token: string, verified: VerifiedToken): void {
    if (cache.size >= CACHED_TOKENS_MAX) {
      for (const oldest of cache.keys()) {
        cache.delete(oldest);
        break;
      }
    }
    const until = Math.min(verified.expiresAt, options.now() + CACHE_LIFETIME_MS);
    cache.set(hash("sha256", token, "base64url"), { token: verified, until });
  }

  async function verify(token: string): Promise<VerifiedToken | RefusedToken> {
    if (!areRevocationsKnown(options)) return refused("revocations-unknown");
    const kid = keyIdOf(token);
    if (typeof kid !== "string") return kid;
    const version = options.keySetVersion?.() ?? 0;
    const key = await keyFor(kid);
    if (key === null) return refused("unknown-key");
    if (decodeProtectedHeader(token).alg !== key.algorithm) return refused("algorithm");
    const verified = await verifySignature(token, key, options);
    if (verified.kind === "refused") return verified;
    if (hasEnded(verified, options)) return refused("session-ended");
    // Withdrawn while the signature was looked at.
    if (version !== (options.keySetVersion?.() ?? 0)) return verify(token);
    remember(token, verified);
    return verified;
  }

  return { remembered, verify };
}

const areRevocationsKnown = (options: TokenVerifierOptions): boolean => options.areRevocationsKnown?.() ?? true;

function hasEnded(token: VerifiedToken, options: TokenVerifierOptions): boolean {
  const { sessionId } = token.subject;
  return sessionId !== null && (options.isSessionEnded?.(sessionId) ?? false);
}

/** Everything about the header that can be refused before any cryptography; the key id otherwise. */
function keyIdOf(token: string): string | RefusedToken {
  if (token.length > TOKEN_CHARACTERS_MAX) return refused("malformed");
  const parts = token.split(".");
  const [first = ""] = parts;
  if (parts.length !== 3 || !isCanonicalBase64Url(first)) return refused("malformed");
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    // A header that is no JSON object is the same to us as no header.
    return refused("malformed");
  }
  if (header.alg === undefined || !ALGORITHMS.includes(header.alg)) return refused("algorithm");
  if (header.typ !== "JWT") return refused("type");
  if (FOREIGN_HEADER_PARAMETERS.some((name) => name in header)) return refused("foreign-key");
  if (!parts.every(isCanonicalBase64Url)) return refused("malformed");
  return typeof header.kid === "string" ? header.kid : refused("unknown-key");
}

/** jose tolerates padding, spaces and stray last bits; two texts of one token would dodge anything keyed by the text. */
function isCanonicalBase64Url(part: string): boolean {
  return PART.test(part) && Buffer.from(part, "base64url").toString("base64url") === part;
}

async function verifySignature(
  token: string,
  { key, algorithm, subject }: TrustedKey,
  options: TokenVerifierOptions,
): Promise<VerifiedToken | RefusedToken> {
  const now = options.now();
  let claims: JWTPayload;
  try {
    const verified = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer: options.issuer,
      audience: AUDIENCE,
      typ: "JWT",
      requiredClaims: ["exp", "iat"],
      currentDate: new Date(now),
    });
    claims = verified.payload;
  } catch (error) {
    // jose reports a refusal by throwing; which one is all that is kept of it.
    return refused(reasonOf(error));
  }
  const result = fromClaims(claims, now, options);
  const isSigner = result.kind === "refused" || subject === undefined || subject === result.subject.kind;
  return isSigner ? result : refused("foreign-key");
}

function fromClaims(claims: JWTPayload, now: number, options: TokenVerifierOptions): VerifiedToken | RefusedToken {
  const { exp = 0, iat = 0 } = claims;
  const nowSeconds = now / MILLISECONDS_PER_SECOND;
  if (iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) return refused("not-yet-valid");
  const subject = subjectFromClaims(claims);
  if (subject.kind === "anonymous") return refused("claims");
  const longest = subject.kind === "service" ? SERVICE_LIFETIME_SECONDS_MAX : options.lifetimeSecondsMax;
  if (exp - iat > longest) return refused("lifetime");
  return { kind: "verified", subject, claims: Object.freeze(claims), expiresAt: exp * MILLISECONDS_PER_SECOND };
}

function reasonOf(error: unknown): TokenReason {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
  if (!(error instanceof errors.JWTClaimValidationFailed)) return "malformed";
  if (error.claim === "iss") return "issuer";
  if (error.claim === "aud") return "audience";
  if (error.claim === "nbf") return "not-yet-valid";
  if (error.claim === "typ") return "type";
  return "claims";
}

/**
 * The issuer's keys by id: read again when an id is unknown or the set is a minute old, but not more often than the cooldown
 * allows. A set that cannot be read again is not believed for longer.
 */
function keySet(options: TokenVerifierOptions): (kid: string) => Promise<TrustedKey | null> {
  let keys: ReadonlyMap<string, TrustedKey> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let readVersion = Number.NaN;
  const isCurrent = (): boolean => readVersion === (options.keySetVersion?.() ?? 0);
  const isFresh = (): boolean => isCurrent() && Math.abs(options.now() - readAt) < KEY_SET_LIFETIME_MS;
  const mayAsk = (): boolean => !isCurrent() || Math.abs(options.now() - askedAt) >= KEY_SET_COOLDOWN_MS;

  async function read(wanted: string): Promise<void> {
    const version = options.keySetVersion?.() ?? 0;
    const next = await importKeys(await options.jwks(wanted));
    keys = next;
    readAt = options.now();
    readVersion = version;
  }

  return async function keyFor(kid) {
    const known = keys.get(kid);
    if (known !== undefined && isFresh()) return known;
    // Twice, because reading the set may itself show that it has changed.
    for (let round = 0; round < 2; round += 1) {
      if (reading === null && mayAsk()) {
        askedAt = options.now();
        reading = read(kid).finally(() => {
          reading = null;
        });
      }
      await reading;
      if (isCurrent()) break;
    }
    return isFresh() ? (keys.get(kid) ?? null) : null;
  };
}

interface MarkedKey extends JWK {
  readonly [SUBJECT_MEMBER]?: unknown;
}

interface TrustedKey {
  readonly key: CryptoKey;
  readonly algorithm: string;
  readonly subject: unknown;
}

/** Only signing keys; a `use: "enc"` key is none (Wycheproof). Of two keys with one id the first counts. */
async function importKeys(set: JSONWebKeySet): Promise<ReadonlyMap<string, TrustedKey>> {
  const keys = new Map<string, TrustedKey>();
  for (const jwk of set.keys.slice(0, KEYS_MAX) as readonly MarkedKey[]) {
    const { kid, use = "sig" } = jwk;
    const found = publicPart(jwk);
    if (found === null || use !== "sig" || typeof kid !== "string" || keys.has(kid)) continue;
    const key = await importJWK(found.jwk, found.algorithm);
    if (key instanceof Uint8Array) continue;
    keys.set(kid, { key, algorithm: found.algorithm, subject: jwk[SUBJECT_MEMBER] });
  }
  return keys;
}

/** Only what is public of the key, and the one algorithm that it verifies. RSA only where whose tokens it may sign is said. */
function publicPart(jwk: MarkedKey): { readonly jwk: JWK; readonly algorithm: string } | null {
  const { kty, crv, x, y, n, e } = jwk;
  if (kty === "EC" && crv === "P-256" && x !== undefined && y !== undefined && (jwk.alg ?? ALGORITHM) === ALGORITHM) {
    return { jwk: { kty, crv, x, y }, algorithm: ALGORITHM };
  }
  const isRsa = kty === "RSA" && jwk.alg === "RS256" && n !== undefined && e !== undefined;
  return isRsa && jwk[SUBJECT_MEMBER] !== undefined ? { jwk: { kty, n, e }, algorithm: "RS256" } : null;
}
