import { beginActing } from "../impersonation/impersonation.ts";
import { authenticate } from "../request/authenticate.ts";
import { textSchema, uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { sendSession } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly user_id: string;
  readonly reason: string;
  readonly seconds?: number;
}

const body = {
  type: "object",
  properties: { user_id: uuidSchema, reason: textSchema, seconds: { type: "integer", minimum: 1 } },
  required: ["user_id", "reason"],
} as const;

/** POST /impersonations {user_id, reason, seconds} → 200 session of that person, whose token bears `act`. An extension. */
export const impersonationBegin: AddRoute = (app, context) => {
  app.post<{ Body: Body }>("/impersonations", { schema: { body } }, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const { user_id: userId, reason, seconds } = request.body;
    return sendSession(request, reply, await beginActing(context, caller, who, { userId, reason, seconds }));
  });
};
