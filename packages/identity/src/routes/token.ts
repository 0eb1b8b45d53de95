import type { FastifyRequest } from "fastify";
import { signInWithPassword } from "../account/sign-in.ts";
import { IdentityError } from "../error/identity-error.ts";
import { redeemFlowCode } from "../flow/flow-code.ts";
import type { IdentityContext } from "../identity-context.ts";
import { signInWithPhonePassword } from "../phone/sign-in-by-phone.ts";
import { signInWithIdToken } from "../provider/id-token-grant.ts";
import { authenticate, requireFreshProof } from "../request/authenticate.ts";
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
  readonly auth_code?: string;
  readonly code_verifier?: string;
  readonly provider?: string;
  readonly id_token?: string | null;
  readonly access_token?: string | null;
  readonly nonce?: string | null;
  readonly issuer?: string | null;
  readonly link_identity?: boolean;
}

const tokenCharactersMax = 16_384;
const longTextSchema = { type: ["string", "null"], maxLength: tokenCharactersMax } as const;

const body = {
  type: "object",
  properties: {
    email: emailSchema,
    phone: textSchema,
    password: passwordSchema,
    refresh_token: textSchema,
    auth_code: textSchema,
    code_verifier: textSchema,
    provider: textSchema,
    id_token: longTextSchema,
    access_token: longTextSchema,
    nonce: { type: ["string", "null"], maxLength: 256 },
    issuer: { type: ["string", "null"], maxLength: 2000 },
    link_identity: { type: "boolean" },
  },
} as const;

async function passwordGrant(context: IdentityContext, request: FastifyRequest, given: Body): Promise<SessionAnswer> {
  const { email = "", phone = "", password = "" } = given;
  if (email === "" && phone !== "") {
    return await signInWithPhonePassword(context, callerOf(request), { phone, password });
  }
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

/** What a browser got at the end of a flow that it began with a challenge. */
async function flowGrant(context: IdentityContext, request: FastifyRequest, given: Body): Promise<SessionAnswer> {
  const { auth_code: code = "", code_verifier: verifier = "" } = given;
  if (code === "" || verifier === "") {
    throw new IdentityError("validation_failed", { message: "auth_code and code_verifier are required" });
  }
  return await redeemFlowCode(context, callerOf(request), code, verifier);
}

/** With `link_identity` the identity joins the account of the person who asks. */
async function idTokenGrant(context: IdentityContext, request: FastifyRequest, given: Body): Promise<SessionAnswer> {
  const { provider = "", id_token: idToken } = given;
  if (provider === "" || idToken === undefined || idToken === null || idToken === "") {
    throw new IdentityError("validation_failed", { message: "provider and id_token are required" });
  }
  const caller = callerOf(request);
  const who = given.link_identity === true ? await authenticate(context, caller, request.headers.authorization) : null;
  if (who !== null) requireFreshProof(context, caller, who);
  const { access_token: accessToken, nonce, issuer } = given;
  const optional = (text: string | null | undefined) => text ?? undefined;
  const wanted = { accessToken: optional(accessToken), nonce: optional(nonce), issuer: optional(issuer) };
  return await signInWithIdToken(context, caller, { provider, idToken, ...wanted }, who);
}

/** POST /token?grant_type=password|refresh_token|pkce|id_token → 200 session. */
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
        case "pkce":
          return sendSession(request, reply, await flowGrant(context, request, request.body));
        case "id_token":
          return sendSession(request, reply, await idTokenGrant(context, request, request.body));
        case "web3":
          emitEvent(context, callerOf(request), "signin.failed", { reason: "web3_provider_disabled" });
          throw new IdentityError("web3_provider_disabled");
        default:
          throw new IdentityError("validation_failed", { message: "unsupported_grant_type" });
      }
    },
  );
};
