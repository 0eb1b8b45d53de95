import { emailSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { type ChallengeBody, readDelivery } from "../verify/delivery.ts";
import { requestRecovery } from "../verify/request-link.ts";
import { challengeProperties } from "./otp.ts";
import type { AddRoute } from "./route.ts";

interface Body extends ChallengeBody {
  readonly email: string;
}

const body = {
  type: "object",
  properties: { email: emailSchema, ...challengeProperties },
  required: ["email"],
} as const;

/** POST /recover {email} → 200 {}, whether or not an account has the address. */
export const recover: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/recover", { schema: { body } }, async (request) => {
    const caller = callerOf(request);
    const delivery = readDelivery(context, caller, request, request.body);
    await requestRecovery(context, caller, { email: request.body.email, delivery });
    return {};
  });
};
