import { makeRecoveryCodes } from "../factor/recovery-codes.ts";
import { authenticate } from "../request/authenticate.ts";
import { textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly friendly_name?: string;
}

/** Auth-js sends nothing where no name was given. */
const body = { type: ["object", "null"], properties: { friendly_name: textSchema } } as const;

/** POST /factors/recovery-codes {friendly_name?} → 200 {id, type, friendly_name, total, codes}; the codes are never shown again. */
export const recoveryCodesMake: AddRoute = (app, context) => {
  app.post<{ Body: Body | null }>("/factors/recovery-codes", { schema: { body } }, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    return await makeRecoveryCodes(context, caller, who, request.body?.friendly_name ?? "");
  });
};
