import { IdentityError } from "../error/identity-error.ts";
import { readPhone } from "../phone/phone-number.ts";
import { requirePhoneSignIn } from "../phone/sign-in-by-phone.ts";
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

/** POST /verify {type, email or phone, token} or {type, token_hash} → 200 session. */
export const verify: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/verify", { schema: { body } }, async (request, reply) => {
    const { type, token = "", token_hash: tokenHash = "", email = "", phone = "" } = request.body;
    const caller = callerOf(request);
    const isPhone = type === "sms" || type === "phone_change";
    if (isPhone || (email === "" && phone !== "")) requirePhoneSignIn(context, caller);
    const verification = verificationOf(type);
    const sentTo = isPhone ? phone : email;
    if (tokenHash !== "" && (token !== "" || email !== "" || phone !== "")) {
      throw refuse("Only the token_hash and type should be provided");
    }
    if (tokenHash === "" && (token === "" || sentTo === "")) {
      throw refuse("Verify requires a token and an email or phone");
    }
    const { accepted } =
      tokenHash === ""
        ? await redeemCode(context, caller, verification, { email: isPhone ? readPhone(phone) : email, code: token })
        : await redeemLink(context, caller, verification, tokenHash);
    if (accepted.kind === "message") return { msg: accepted.message, code: "200" };
    return sendSession(request, reply, await signInAccepted(context, caller, accepted));
  });
};
