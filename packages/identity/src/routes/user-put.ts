import { userJson } from "../account/account.ts";
import { changeOwnAccount } from "../account/change-own-account.ts";
import { authenticate } from "../request/authenticate.ts";
import { emailSchema, metadataSchema, passwordSchema, textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { type ChallengeBody, readDelivery } from "../verify/delivery.ts";
import { challengeProperties } from "./otp.ts";
import type { AddRoute } from "./route.ts";

interface Body extends ChallengeBody {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly current_password?: string;
  readonly nonce?: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

const body = {
  type: "object",
  properties: {
    email: emailSchema,
    phone: textSchema,
    password: passwordSchema,
    current_password: passwordSchema,
    nonce: textSchema,
    ...challengeProperties,
    data: metadataSchema,
  },
} as const;

/** PUT /user {email, phone, password, current_password, nonce, data} → 200 user. A new address or number waits for its confirmation. */
export const userPut: AddRoute = (app, context) => {
  app.put<{ Body: Body }>("/user", { schema: { body } }, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const { email, phone, password, current_password: currentPassword, nonce, data } = request.body;
    const account = await changeOwnAccount(context, caller, who, {
      ...(email === undefined ? {} : { email }),
      ...(phone === undefined ? {} : { phone }),
      ...(password === undefined ? {} : { password }),
      ...(currentPassword === undefined ? {} : { currentPassword }),
      ...(nonce === undefined ? {} : { nonce }),
      delivery: readDelivery(context, caller, request, request.body),
      ...(data === undefined || data === null ? {} : { data }),
    });
    return userJson(account);
  });
};
