// Browser mode (`x-use-cookie: session`): tokens travel in cookies that scripts cannot read and other origins cannot send.
import type { FastifyReply, FastifyRequest } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { SessionAnswer } from "./session-answer.ts";

/** RFC 6265bis §4.1.3: `__Host-` binds a cookie to this host, to TLS and to the root path. */
export const accessCookie = "__Host-access";
export const refreshCookie = "__Host-refresh";
const attributes = "Path=/; HttpOnly; Secure; SameSite=Strict";

export const isCookieMode = (request: FastifyRequest): boolean => request.headers["x-use-cookie"] === "session";

const setCookie = (name: string, value: string, maxAgeSeconds: number): string =>
  `${name}=${value}; ${attributes}; Max-Age=${maxAgeSeconds}`;

/** Answers with a session: in the body, or in cookies with empty tokens in the body. */
export function sendSession(request: FastifyRequest, reply: FastifyReply, answer: SessionAnswer): FastifyReply {
  reply.headers(answer.diagnostics);
  if (!isCookieMode(request)) return reply.send(answer.body);
  reply.header("set-cookie", sessionCookies(answer));
  return reply.send({ ...answer.body, access_token: "", refresh_token: "" });
}

/** Both cookies of a session. */
export const sessionCookies = ({ body, refreshSeconds }: SessionAnswer): string[] => [
  setCookie(accessCookie, body.access_token, body.expires_in),
  setCookie(refreshCookie, body.refresh_token, refreshSeconds),
];

export function clearSessionCookies(reply: FastifyReply): void {
  reply.header("set-cookie", [setCookie(accessCookie, "", 0), setCookie(refreshCookie, "", 0)]);
}

/** The refresh token of the cookie. Two cookies of that name are a sign of tampering. @throws IdentityError validation_failed */
export function refreshTokenFromCookie(request: FastifyRequest): string | undefined {
  // Only these are nothing around a pair (RFC 6265bis §5.6): trim() would make ours of a name that begins with a no-break space.
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ""));
  const values = pairs
    .filter((pair) => pair.startsWith(`${refreshCookie}=`))
    .map((pair) => pair.slice(refreshCookie.length + 1));
  if (values.length > 1) throw new IdentityError("validation_failed", { message: "More than one refresh cookie" });
  return values[0];
}
