// Refresh tokens that count: base64url(version, session id, counter, HMAC). The database holds one counter for each session,
// so a token that is behind it is known to be spent, and by how much. No token is stored anywhere.
import { createHmac, timingSafeEqual } from "node:crypto";

const formatVersion = 2;
const versionBytes = 1;
const sessionBytes = 16;
const counterBytes = 4;
const tagBytes = 16;
const bodyBytes = versionBytes + sessionBytes + counterBytes;
const tokenBytes = bodyBytes + tagBytes;
const saltBytes = 16;
/** 37 bytes in base64url. */
const tokenPattern = /^[A-Za-z0-9_-]{50}$/;

export const refreshSaltBytes = saltBytes;

/** What a refresh token says, before anybody checked that it is genuine. */
export interface RefreshClaim {
  readonly sessionId: string;
  readonly counter: number;
  readonly body: Buffer;
  readonly tag: Buffer;
}

/** The session's own key: nobody can compute it from the database alone, nor from another session's key. */
const sessionKey = (root: Buffer, salt: Buffer, sessionId: string): Buffer =>
  createHmac("sha256", root).update(salt).update(sessionId).digest();

const tagOf = (key: Buffer, body: Buffer): Buffer =>
  createHmac("sha256", key).update(body).digest().subarray(0, tagBytes);

/** The one refresh token of a session at a counter. The same arguments give the same token. */
export function writeRefreshToken(root: Buffer, salt: Buffer, sessionId: string, counter: number): string {
  const body = Buffer.alloc(bodyBytes);
  body.writeUInt8(formatVersion, 0);
  Buffer.from(sessionId.replaceAll("-", ""), "hex").copy(body, versionBytes);
  body.writeUInt32BE(counter, versionBytes + sessionBytes);
  return Buffer.concat([body, tagOf(sessionKey(root, salt, sessionId), body)]).toString("base64url");
}

/** Reads a token's parts, or null when it is not one of ours by its shape. */
export function readRefreshToken(token: string): RefreshClaim | null {
  if (!tokenPattern.test(token)) return null;
  const bytes = Buffer.from(token, "base64url");
  // A second spelling of the same bytes (unused bits of the last character) is another token, and none of ours.
  if (bytes.length !== tokenBytes || bytes.toString("base64url") !== token) return null;
  if (bytes.readUInt8(0) !== formatVersion) return null;
  const hex = bytes.subarray(versionBytes, versionBytes + sessionBytes).toString("hex");
  const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return {
    sessionId,
    counter: bytes.readUInt32BE(versionBytes + sessionBytes),
    body: bytes.subarray(0, bodyBytes),
    tag: bytes.subarray(bodyBytes),
  };
}

/** Was the token made by us for this session? Compares in constant time. */
export function isGenuine(claim: RefreshClaim, root: Buffer, salt: Buffer): boolean {
  return timingSafeEqual(claim.tag, tagOf(sessionKey(root, salt, claim.sessionId), claim.body));
}
