import { resendEmailChange } from "../account/resend-email-change.ts";
import { IdentityError } from "../error/identity-error.ts";
import { resendPhoneCode } from "../phone/resend-phone-code.ts";
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

/** POST /resend {type, email or phone} → 200 {}, whether or not anything waits for the address. */
export const resend: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/resend", { schema: { body } }, async (request) => {
    const { type, email = "", phone = "" } = request.body;
    const caller = callerOf(request);
    const purpose = type === "sms" ? "sign-in-phone" : "change-phone";
    const isPhone = type === "sms" || type === "phone_change";
    const isEmail = type === "signup" || type === "email_change";
    if (!isPhone && !isEmail) {
      const message = "Missing one of these types: signup, email_change, sms, phone_change";
      throw new IdentityError("validation_failed", { message });
    }
    if ((isPhone ? phone : email) === "") {
      throw new IdentityError("validation_failed", {
        message: "Type provided requires an email address or phone number",
      });
    }
    if (isPhone) {
      await resendPhoneCode(context, caller, { purpose, phone });
      return {};
    }
    const delivery = readDelivery(context, caller, request, request.body);
    const again = type === "signup" ? resendConfirmation : resendEmailChange;
    await again(context, caller, { email, delivery });
    return {};
  });
};
