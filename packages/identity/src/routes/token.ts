import type { FastifyRequest } from "fastify";
import { signInWithPassword } from "../account/sign-in.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { emailSchema, passwordSchema, textSchema } from "../request/body-schema.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import { refreshSession } from "../session/refresh-session.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { isCookieMode, refreshTokenFromCookie, sendSession } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly refresh_token?: string;
}

const body = {
  type: "object",
  properties: { email: emailSchema, phone: textSchema, password: passwordSchema, refresh_token: textSchema },
} as const;

async function passwordGrant(context: IdentityContext, request: FastifyRequest, given: Body): Promise<SessionAnswer> {
  const { email = "", phone = "", password = "" } = given;
  if (email === "" && phone !== "") throw new IdentityError("phone_provider_disabled");
  if (email === "") throw new IdentityError("validation_failed", { message: "missing email or phone" });
  return await signInWithPassword(context, callerOf(request), { email, password });
}

/** In browser mode the token comes from the cookie, and only from there. */
async function refreshGrant(context: IdentityContext, request: FastifyRequest, given: Body): Promise<SessionAnswer> {
  const token = isCookieMode(request) ? refreshTokenFromCookie(request) : given.refresh_token;
  if (token === undefined || token === "") {
    throw new IdentityError("validation_failed", { message: "refresh_token required" });
  }
  return await refreshSession(context, callerOf(request), token);
}

/** POST /token?grant_type=password|refresh_token → 200 session. */
export const token: AddRoute = (app, context) => {
  app.post<{ Body: Body; Querystring: { grant_type?: unknown } }>(
    "/token",
    { schema: { body } },
    async (request, reply) => {
      switch (request.query.grant_type) {
        case "password":
          return sendSession(request, reply, await passwordGrant(context, request, request.body));
        case "refresh_token":
          return sendSession(request, reply, await refreshGrant(context, request, request.body));
        case "web3":
          emitEvent(context, callerOf(request), "signin.failed", { reason: "web3_provider_disabled" });
          throw new IdentityError("web3_provider_disabled");
        default:
          throw new IdentityError("validation_failed", { message: "unsupported_grant_type" });
      }
    },
  );
};
