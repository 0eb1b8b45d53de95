// What ties a sign-in to the browser that began it: a random cookie that no other site can set or send (login CSRF, RFC 9700
// §4.7). It is Lax because the browser comes back from another site; it says nothing about anybody.
import { createHash, randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** RFC 6265bis §4.1.3: `__Host-` binds a cookie to this host, to TLS and to the root path. */
export const browserCookie = "__Host-sign-in";

const cookieBytes = 32;
const valuePattern = /^[A-Za-z0-9_-]{43}$/;

const hashOf = (value: string): string => createHash("sha256").update(value).digest("base64url");

/** The browser's own value, hashed; null when it has none, or two. */
export function browserOf(request: FastifyRequest): string | null {
  const value = valueOf(request);
  return value === null ? null : hashOf(value);
}

function valueOf(request: FastifyRequest): string | null {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ""));
  const values = pairs
    .filter((pair) => pair.startsWith(`${browserCookie}=`))
    .map((pair) => pair.slice(browserCookie.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && valuePattern.test(value) ? value : null;
}

/** Marks the browser, or keeps the mark it has: sign-ins in two tabs do not disturb each other. Returns the hash. */
export function markBrowser(request: FastifyRequest, reply: FastifyReply, seconds: number): string {
  const value = valueOf(request) ?? randomBytes(cookieBytes).toString("base64url");
  const attributes = `Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${seconds}`;
  reply.header("set-cookie", `${browserCookie}=${value}; ${attributes}`);
  return hashOf(value);
}
