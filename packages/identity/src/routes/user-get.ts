import { userJson } from "../account/account.ts";
import { actJson } from "../impersonation/act-json.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /user → 200 user. */
export const userGet: AddRoute = (app, context) => {
  app.get("/user", async (request) => {
    const { account, session } = await authenticate(context, callerOf(request), request.headers.authorization);
    return { ...userJson(account), ...actJson(session) };
  });
};
