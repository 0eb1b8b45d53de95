// The redirect that ends a mailed link: with a session in its fragment, with a code for whoever began with a challenge, with cookies
// for a browser that keeps its session in them, or with what went wrong.
import type { FastifyReply } from "fastify";
import type { IdentityError } from "../error/identity-error.ts";
import { issueFlowCode } from "../flow/flow-code.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Caller } from "../request/caller.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { sessionCookies } from "../session/session-cookies.ts";
import { signInAccepted, type Verified } from "./redeem.ts";
import type { VerifyType } from "./verify-type.ts";

const seeOther = 303;

/** The URL with parameters in its fragment, where no server sees them. */
const withFragment = (url: string, parameters: Readonly<Record<string, string>>): string =>
  `${url}#${new URLSearchParams(parameters)}`;

function withQuery(url: string, name: string, value: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}

/** @throws IdentityError user_banned, conflict */
export async function handOver(
  context: IdentityContext,
  caller: Caller,
  reply: FastifyReply,
  { accepted, delivery }: Verified,
  type: VerifyType,
): Promise<FastifyReply> {
  const { redirectTo, challenge, cookies } = delivery;
  if (accepted.kind === "message") {
    return reply.redirect(withFragment(redirectTo, { message: accepted.message }), seeOther);
  }
  if (challenge !== undefined) {
    const { account, method } = accepted;
    const code = await issueFlowCode(context, { userId: account.id, codeChallenge: challenge, method });
    return reply.redirect(withQuery(redirectTo, "code", code), seeOther);
  }
  const answer = await signInAccepted(context, caller, accepted);
  if (cookies === true) {
    reply.header("set-cookie", sessionCookies(answer));
    return reply.redirect(withFragment(redirectTo, { type }), seeOther);
  }
  return reply.redirect(withFragment(redirectTo, sessionParameters(answer, type)), seeOther);
}

/** What auth-js looks for in a fragment; `sb` marks it as ours. */
function sessionParameters({ body }: SessionAnswer, type: VerifyType): Readonly<Record<string, string>> {
  return {
    access_token: body.access_token,
    expires_at: String(body.expires_at),
    expires_in: String(body.expires_in),
    refresh_token: body.refresh_token,
    token_type: body.token_type,
    type,
    sb: "",
  };
}

/** What went wrong, as Supabase Auth tells it to the page. */
export function handOverError(reply: FastifyReply, redirectTo: string, error: IdentityError): FastifyReply {
  const description = error.code === "otp_expired" ? "Email link is invalid or has expired" : error.message;
  const parameters = { error: "access_denied", error_code: error.code, error_description: description, sb: "" };
  return reply.redirect(withFragment(redirectTo, parameters), seeOther);
}
