// A mailed link, in two steps: looking at it shows a page and changes nothing; its button redeems the token.
import type { FastifyReply, FastifyRequest } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { callerOf } from "../request/caller.ts";
import { deliveryOf, readRedirect } from "../verify/delivery.ts";
import { handOver, handOverError } from "../verify/hand-over.ts";
import { lookAtLink, redeemLink, verificationOf } from "../verify/redeem.ts";
import { verifyPage } from "../verify/verify-page.ts";
import type { VerifyType } from "../verify/verify-type.ts";
import type { AddRoute } from "./route.ts";

interface Query {
  readonly token?: unknown;
  readonly token_hash?: unknown;
  readonly type?: unknown;
  readonly redirect_to?: unknown;
}

const tokenCharactersMax = 256;
const formBytesMax = 4096;

const textOf = (value: unknown): string =>
  typeof value === "string" && value.length <= tokenCharactersMax ? value : "";

/** GET /verify?token&type → 200 a page, 303 with what is wrong; the token lives on. */
export const verifyLook: AddRoute = (app, context) => {
  app.get<{ Querystring: Query }>("/verify", async (request, reply) => {
    const { query } = request;
    const type = query.type as VerifyType;
    const verification = verificationOf(type);
    const token = textOf(query.token_hash) || textOf(query.token);
    if (context.rules.isSpentByLooking())
      return await follow(context, request, reply, { type, token }, query.redirect_to);
    const found = await lookAtLink(context, verification, token);
    if (found === null) {
      const redirectTo = readRedirect(context, callerOf(request), query.redirect_to);
      return handOverError(reply, redirectTo, new IdentityError("otp_expired"));
    }
    const nonce = request.headers["x-holdfast-nonce"];
    const page = verifyPage({
      application: context.policy.application.name,
      type,
      address: found.subject,
      token,
      action: `${context.issuer}/verify/confirm`,
      nonce: typeof nonce === "string" ? nonce : "",
    });
    return reply.header("content-type", "text/html; charset=utf-8").send(page);
  });
};

/** POST /verify/confirm, a form: token, type → 303 with the session, a code, or what is wrong. */
export const verifyConfirm: AddRoute = (app, context) => {
  app.post<{ Body: Readonly<Record<string, string>> | undefined }>(
    "/verify/confirm",
    { config: { form: "only" }, bodyLimit: formBytesMax },
    async (request, reply) => {
      const { type, token = "" } = request.body ?? {};
      return await follow(context, request, reply, { type: type as VerifyType, token: textOf(token) }, undefined);
    },
  );
};

async function follow(
  context: IdentityContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { type, token }: { readonly type: VerifyType; readonly token: string },
  redirect: unknown,
): Promise<FastifyReply> {
  const caller = callerOf(request);
  const verification = verificationOf(type);
  const found = await lookAtLink(context, verification, token);
  const redirectTo =
    found === null ? readRedirect(context, caller, redirect) : deliveryOf(context, found.payload).redirectTo;
  try {
    return await handOver(context, caller, reply, await redeemLink(context, caller, verification, token), type);
  } catch (error) {
    // A person in a browser is waiting: what went wrong is told to the application's page, which can say it well.
    if (error instanceof IdentityError && error.status < 500) return handOverError(reply, redirectTo, error);
    throw error;
  }
}
