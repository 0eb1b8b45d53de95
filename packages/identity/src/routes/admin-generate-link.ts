import { userJson } from "../account/account.ts";
import { generateLink, type LinkType, linkTypes } from "../account/generate-link.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { emailSchema, metadataSchema, passwordSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { readRedirect } from "../verify/delivery.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly type: LinkType;
  readonly email: string;
  readonly new_email?: string;
  readonly password?: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly redirect_to?: string;
}

const redirectCharactersMax = 2000;

const body = {
  type: "object",
  properties: {
    type: { enum: linkTypes },
    email: emailSchema,
    new_email: emailSchema,
    password: passwordSchema,
    data: metadataSchema,
    redirect_to: { type: "string", maxLength: redirectCharactersMax },
  },
  required: ["type", "email"],
} as const;

/** POST /admin/generate_link {type, email, …} → 200 user and {action_link, email_otp, hashed_token, verification_type, redirect_to}. Service key only; nothing is mailed. */
export const adminGenerateLink: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/admin/generate_link", { schema: { body } }, async (request) => {
    const caller = callerOf(request);
    const actor = await requireServiceKey(context, caller, request.headers.authorization);
    const { type, email, new_email: newEmail = "", password = "", data } = request.body;
    const query = request.query as { readonly redirect_to?: unknown };
    const redirectTo = readRedirect(context, caller, request.body.redirect_to ?? query.redirect_to);
    const wish = { type, email, newEmail, password, data: data ?? {}, delivery: { redirectTo } };
    const { account, link, code, secret, verificationType } = await generateLink(context, caller, actor, wish);
    return {
      ...userJson(account),
      action_link: link,
      email_otp: code,
      hashed_token: secret,
      verification_type: verificationType,
      redirect_to: redirectTo,
    };
  });
};
