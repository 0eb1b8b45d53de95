import { useRecoveryCode } from "../factor/recovery-codes.ts";
import { authenticate } from "../request/authenticate.ts";
import { textSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { sendSession } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly code: string;
}

const body = { type: "object", properties: { code: textSchema }, required: ["code"] } as const;

/** POST /factors/recovery-codes/verify {code} → 200 session at aal2. */
export const recoveryCodesVerify: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/factors/recovery-codes/verify", { schema: { body } }, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    return sendSession(request, reply, await useRecoveryCode(context, caller, who, request.body.code));
  });
};
