import { IdentityError } from "../error/identity-error.ts";
import { requestPhoneCode } from "../phone/sign-in-by-phone.ts";
import { emailSchema, metadataSchema, textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { type ChallengeBody, readDelivery } from "../verify/delivery.ts";
import { requestSignIn } from "../verify/request-link.ts";
import type { AddRoute } from "./route.ts";

interface Body extends ChallengeBody {
  readonly email?: string;
  readonly phone?: string;
  readonly create_user?: boolean;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

const optionalText = { type: ["string", "null"], maxLength: 256 } as const;

export const challengeProperties = { code_challenge: optionalText, code_challenge_method: optionalText } as const;

const body = {
  type: "object",
  properties: {
    email: emailSchema,
    phone: textSchema,
    create_user: { type: "boolean" },
    data: metadataSchema,
    ...challengeProperties,
  },
} as const;

const linkRoute =
  (path: "/otp" | "/magiclink"): AddRoute =>
  (app, context) => {
    app.post<{ Body: Body }>(path, { schema: { body } }, async (request) => {
      const { email = "", phone = "", create_user: createUser = true, data } = request.body;
      const caller = callerOf(request);
      if (email === "" && phone !== "") {
        const wanted = { phone, mayCreate: createUser, data: data ?? {}, body: request.body };
        await requestPhoneCode(context, caller, wanted);
        return {};
      }
      if (email === "") {
        throw new IdentityError("validation_failed", { message: "An email address or phone number is required" });
      }
      const delivery = readDelivery(context, caller, request, request.body);
      await requestSignIn(context, caller, { email, createUser, data: data ?? {}, delivery, body: request.body });
      return {};
    });
  };

/** POST /otp {email or phone, create_user, data} → 200 {}, whether or not an account has the address. */
export const otp = linkRoute("/otp");

/** POST /magiclink: the same under its older name. */
export const magicLink = linkRoute("/magiclink");
