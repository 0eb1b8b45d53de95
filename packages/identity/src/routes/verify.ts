import { IdentityError } from "../error/identity-error.ts";
import { emailSchema, textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { sendSession } from "../session/session-cookies.ts";
import { redeemCode, redeemLink, signInAccepted, verificationOf } from "../verify/redeem.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly type: string;
  readonly token?: string;
  readonly token_hash?: string;
  readonly email?: string;
  readonly phone?: string;
}

const body = {
  type: "object",
  properties: { type: textSchema, token: textSchema, token_hash: textSchema, email: emailSchema, phone: textSchema },
  required: ["type"],
} as const;

const refuse = (message: string) => new IdentityError("validation_failed", { message });

/** POST /verify {type, email, token} or {type, token_hash} → 200 session. */
export const verify: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/verify", { schema: { body } }, async (request, reply) => {
    const { type, token = "", token_hash: tokenHash = "", email = "", phone = "" } = request.body;
    const caller = callerOf(request);
    if (email === "" && phone !== "") throw new IdentityError("phone_provider_disabled");
    const verification = verificationOf(type);
    if (tokenHash !== "" && (token !== "" || email !== "")) {
      throw refuse("Only the token_hash and type should be provided");
    }
    if (tokenHash === "" && (token === "" || email === "")) throw refuse("Verify requires a token and an address");
    const { accepted } =
      tokenHash === ""
        ? await redeemCode(context, caller, verification, { email, code: token })
        : await redeemLink(context, caller, verification, tokenHash);
    if (accepted.kind === "message") return { msg: accepted.message, code: "200" };
    return sendSession(request, reply, await signInAccepted(context, caller, accepted));
  });
};
