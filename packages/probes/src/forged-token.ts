// Access tokens as attackers make them: from a real one, byte by byte, with no library that would refuse to.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signature: string;
}

/** Takes a compact JWS apart. */
export function takeApart(token: string): TokenParts {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const parse = (part: string) =>
    JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
  return { header: parse(header), payload: parse(payload), signature };
}

export function encodePart(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

/** Joins parts into a token with the given signature text. */
export function unsigned(header: unknown, payload: unknown, signature = ""): string {
  return `${encodePart(header)}.${encodePart(payload)}.${signature}`;
}

export interface AttackerKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** A key pair of the attacker's own. */
export function attackerKey(): AttackerKey {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privateKey: pair.privateKey,
    publicJwk: pair.publicKey.export({ format: "jwk" }) as Record<string, unknown>,
  };
}

/** A token signed with ES256 (RFC 7518 §3.4) by a key that is not the server's. */
export function signedBy(key: AttackerKey, header: Readonly<Record<string, unknown>>, payload: unknown): string {
  const input = `${encodePart({ ...header, alg: "ES256" })}.${encodePart(payload)}`;
  const signature = sign("sha256", Buffer.from(input), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

/** A token signed with HS256 and the given bytes as the secret. */
export function hmacSigned(
  secret: string | Buffer,
  header: Readonly<Record<string, unknown>>,
  payload: unknown,
): string {
  const input = `${encodePart({ ...header, alg: "HS256" })}.${encodePart(payload)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}
