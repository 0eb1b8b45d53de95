import { userJson } from "../account/account.ts";
import { readEmail } from "../account/create-account.ts";
import { invite as inviteAccount } from "../account/invite.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { emailSchema, metadataSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { readDelivery } from "../verify/delivery.ts";
import { sendLink } from "../verify/send-link.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly email: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

const body = {
  type: "object",
  properties: { email: emailSchema, data: metadataSchema },
  required: ["email"],
} as const;

/** POST /invite {email, data} → 200 user, and a link by mail. Service key only. */
export const invite: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/invite", { schema: { body } }, async (request) => {
    const caller = callerOf(request);
    await requireServiceKey(context, caller, request.headers.authorization);
    const { email, data } = request.body;
    const delivery = readDelivery(context, caller, request, {});
    const { account, link } = await inviteAccount(context, caller, {
      email: readEmail(context, email),
      data: data ?? {},
      delivery,
    });
    await sendLink(context, caller, "invite", link);
    return userJson(account);
  });
};
