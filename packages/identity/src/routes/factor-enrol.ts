import { IdentityError } from "../error/identity-error.ts";
import { factorKind } from "../factor-kinds.ts";
import { authenticate } from "../request/authenticate.ts";
import { textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { requirePermanent } from "../request/require-permanent.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly factor_type: string;
  readonly friendly_name?: string;
  readonly issuer?: string;
  readonly phone?: string;
}

const body = {
  type: "object",
  properties: { factor_type: textSchema, friendly_name: textSchema, issuer: textSchema, phone: textSchema },
  required: ["factor_type"],
} as const;

/** POST /factors {factor_type, friendly_name, issuer} → 200 {id, type, friendly_name, totp?: {qr_code, secret, uri}}. */
export const factorEnrol: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/factors", { schema: { body } }, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    requirePermanent(context, caller, who);
    const { factor_type: type, friendly_name: friendlyName = "", issuer = "", phone = "" } = request.body;
    const kind = factorKind(type);
    if (kind === undefined) {
      throw new IdentityError("validation_failed", { message: "factor_type needs to be totp, phone, or webauthn" });
    }
    return await kind.enrol(context, caller, who, { friendlyName, issuer, phone });
  });
};
