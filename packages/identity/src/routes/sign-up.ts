import { signUp as signUpAccount } from "../account/sign-up.ts";
import { signUpAnonymously } from "../account/sign-up-anonymously.ts";
import { IdentityError } from "../error/identity-error.ts";
import { signUpByPhone } from "../phone/sign-in-by-phone.ts";
import { emailSchema, metadataSchema, passwordSchema, textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { sendSession } from "../session/session-cookies.ts";
import { type ChallengeBody, readDelivery } from "../verify/delivery.ts";
import { challengeProperties } from "./otp.ts";
import type { AddRoute } from "./route.ts";

interface Body extends ChallengeBody {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

const body = {
  type: "object",
  properties: {
    email: emailSchema,
    phone: textSchema,
    password: passwordSchema,
    data: metadataSchema,
    ...challengeProperties,
  },
} as const;

const needsPassword = () => new IdentityError("validation_failed", { message: "Signup requires a valid password" });

/** POST /signup {email, password, data} → 200 user without a session, whether or not the address was free; {data} → 200 session. */
export const signUp: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/signup", { schema: { body } }, async (request, reply) => {
    const { email = "", phone = "", password = "", data } = request.body;
    if (email === "" && phone !== "") {
      if (password === "") throw needsPassword();
      const wanted = { phone, password, data: data ?? {}, body: request.body };
      return await signUpByPhone(context, callerOf(request), wanted);
    }
    if (email === "") {
      return sendSession(request, reply, await signUpAnonymously(context, callerOf(request), data ?? {}));
    }
    if (password === "") throw needsPassword();
    const caller = callerOf(request);
    const delivery = readDelivery(context, caller, request, request.body);
    return await signUpAccount(context, caller, { email, password, data: data ?? {}, delivery, body: request.body });
  });
};
