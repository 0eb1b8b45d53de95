import { IdentityError } from "../error/identity-error.ts";
import { emailSchema, textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { type ChallengeBody, readDelivery } from "../verify/delivery.ts";
import { resendConfirmation } from "../verify/request-link.ts";
import { challengeProperties } from "./otp.ts";
import type { AddRoute } from "./route.ts";

interface Body extends ChallengeBody {
  readonly type: string;
  readonly email?: string;
  readonly phone?: string;
}

const body = {
  type: "object",
  properties: { type: textSchema, email: emailSchema, phone: textSchema, ...challengeProperties },
  required: ["type"],
} as const;

/** POST /resend {type, email} → 200 {}, whether or not anything waits for the address. */
export const resend: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/resend", { schema: { body } }, async (request) => {
    const { type, email = "", phone = "" } = request.body;
    if (email === "" && phone !== "") throw new IdentityError("phone_provider_disabled");
    if (type !== "signup" || email === "") {
      throw new IdentityError("validation_failed", { message: "Missing one of these types: signup" });
    }
    const caller = callerOf(request);
    const delivery = readDelivery(context, caller, request, request.body);
    await resendConfirmation(context, caller, { email, delivery });
    return {};
  });
};
