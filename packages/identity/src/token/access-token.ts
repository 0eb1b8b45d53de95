// Access tokens: ES256 JWTs with Supabase's claims. Whoever verifies one needs only the published keys and the issuer.
import { createHmac, randomUUID, sign as signBytes, timingSafeEqual } from "node:crypto";
import { errors, type JWTPayload, jwtVerify } from "jose";
import { IdentityError } from "../error/identity-error.ts";
import type { SigningKeys } from "../key/signing-keys.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

export interface AuthenticationMethod {
  readonly method:
    | "password"
    | "otp"
    | "magiclink"
    | "email/signup"
    | "recovery"
    | "invite"
    | "totp"
    | "anonymous"
    | "otp"
    | "email_change"
    | "mfa/phone"
    | "impersonation"
    | "mfa/webauthn"
    | "mfa/recovery_code"
    | "passkey"
    | "oauth"
    | "oauth_provider/authorization_code";
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** The factor or passkey it was proven with. Stays with us: tokens tell the method alone. */
  readonly credential?: string;
}

export interface TokenSubject {
  readonly id: string;
  readonly email: string;
  readonly phone: string;
  readonly isAnonymous: boolean;
  readonly appMetadata: Readonly<Record<string, unknown>>;
}

export interface TokenSession {
  readonly id: string;
  readonly aal: "aal1" | "aal2";
  readonly amr: readonly AuthenticationMethod[];
  /** The OAuth client whose session it is. */
  readonly client: { readonly id: string; readonly scope: string } | null;
  /** The administrator who acts in the account's name. */
  readonly actor: { readonly id: string } | null;
}

/** Claims of a token whose signature, issuer, audience and times hold. */
export interface VerifiedClaims {
  readonly sub?: string;
  readonly role?: unknown;
  readonly aal?: unknown;
  readonly session_id?: unknown;
  readonly client_id?: unknown;
  readonly scope?: unknown;
  readonly operator?: unknown;
}

export interface TokenIssuer {
  readonly keys: SigningKeys;
  /** `<origin>/auth/v1`. */
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const audience = "authenticated";
const millisecondsPerSecond = 1000;
const serviceKeyDays = 365;
const secondsPerDay = 86_400;
/** Far more than any token of ours; keeps a hostile header from being parsed at length. */
const tokenCharactersMax = 8192;

const seconds = (milliseconds: number): number => Math.floor(milliseconds / millisecondsPerSecond);

interface TokenForm {
  readonly audience: string;
  readonly type: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Signs any token of ours; its type and audience keep one kind from passing for another (RFC 8725 §3.11, §3.12). */
export async function signJwt(issuer: TokenIssuer, claims: Record<string, unknown>, form: TokenForm): Promise<string> {
  const { kid, privateKey } = issuer.keys.current();
  const now = seconds(issuer.now());
  const payload = { ...claims, iss: issuer.issuer, aud: form.audience, iat: now, exp: form.expiresAt };
  const signed = `${encoded({ alg: "ES256", kid, typ: form.type })}.${encoded(payload)}`;
  // Not through WebCrypto: a job of its own costs five times the signature, and signing is most of what a refresh costs.
  const signature = signBytes("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

const sign = (issuer: TokenIssuer, claims: Record<string, unknown>, expiresAt: number): Promise<string> =>
  signJwt(issuer, claims, { audience, type: "JWT", expiresAt });

/**
 * Signs an access token that ends at `expiresAt` (seconds). User metadata stays out: whoever owns it can write it. A client's
 * token says whose it is and what it may, and bears none of the person's roles.
 */
export async function signAccessToken(
  issuer: TokenIssuer,
  subject: TokenSubject,
  session: TokenSession,
  expiresAt: number,
): Promise<string> {
  const claims = {
    sub: subject.id,
    email: subject.email,
    phone: subject.phone,
    role: "authenticated",
    aal: session.aal,
    amr: session.amr.map(({ method, timestamp }) => ({ method, timestamp })),
    session_id: session.id,
    is_anonymous: subject.isAnonymous,
    app_metadata: session.client === null ? subject.appMetadata : {},
    user_metadata: {},
    ...(session.client === null ? {} : { client_id: session.client.id, scope: session.client.scope }),
    ...(session.actor === null ? {} : { act: { sub: session.actor.id } }),
  };
  return await sign(issuer, claims, expiresAt);
}

const operatorKeySeconds = 3600;

/** Who stole the key that signs has not the key that this is made with. */
const operatorProof = (issuer: TokenIssuer, id: string): string =>
  createHmac("sha256", issuer.keys.derive("operator-key")).update(id).digest("base64url");

/** Signs an operator's key: a service key for an hour that may also do what needs somebody else's approval. */
export async function signOperatorKey(issuer: TokenIssuer): Promise<string> {
  const id = randomUUID();
  const claims = { role: "service_role", session_id: id, operator: operatorProof(issuer, id) };
  return await sign(issuer, claims, seconds(issuer.now()) + operatorKeySeconds);
}

/** Was the verified service key made by who can open the vault? */
export function isOperatorKey(issuer: TokenIssuer, { session_id: id, operator }: VerifiedClaims): boolean {
  if (typeof id !== "string" || typeof operator !== "string") return false;
  const [made, given] = [Buffer.from(operatorProof(issuer, id)), Buffer.from(operator)];
  return made.length === given.length && timingSafeEqual(made, given);
}

/** When a service key that is signed now runs out (ms): in a year. */
export const serviceKeyExpiry = (issuer: TokenIssuer): number =>
  (seconds(issuer.now()) + serviceKeyDays * secondsPerDay) * millisecondsPerSecond;

/**
 * Signs a service key (Supabase's `service_role`). Its id stands where a person's token names the session, so that it is called
 * back like one, everywhere.
 */
export async function signServiceKey(issuer: TokenIssuer, id: string): Promise<string> {
  return await sign(issuer, { role: "service_role", session_id: id }, seconds(serviceKeyExpiry(issuer)));
}

/** By the keys that verify: each issuer of a process has its own. */
const verified = new WeakMap<SigningKeys, VerifiedTokens<JWTPayload>>();

function verifiedBy(keys: SigningKeys): VerifiedTokens<JWTPayload> {
  const known = verified.get(keys) ?? new VerifiedTokens<JWTPayload>();
  verified.set(keys, known);
  return known;
}

/**
 * Verifies a token: ES256 only (RFC 8725 §3.1), a key we publish, our issuer and audience, not expired.
 * @throws IdentityError bad_jwt
 */
export async function verifyToken(issuer: TokenIssuer, token: string): Promise<VerifiedClaims> {
  if (token.length > tokenCharactersMax) throw new IdentityError("bad_jwt");
  const known = verifiedBy(issuer.keys);
  const remembered = known.find(token, issuer.issuer, issuer.keys.verifier, seconds(issuer.now()));
  if (remembered !== undefined) return remembered;
  try {
    const { payload, protectedHeader, key } = await jwtVerify(
      token,
      (header) => {
        const key = header.kid === undefined ? undefined : issuer.keys.verifier(header.kid);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: ["ES256"],
        typ: "JWT",
        issuer: issuer.issuer,
        audience,
        requiredClaims: ["exp", "iat"],
        currentDate: new Date(issuer.now()),
      },
    );
    known.keep(token, protectedHeader.kid as string, key, payload);
    return payload;
  } catch (cause) {
    // Every way a token can be wrong is the same refusal: which one it was would help only a forger.
    if (cause instanceof errors.JOSEError) throw new IdentityError("bad_jwt", { cause });
    throw cause;
  }
}
