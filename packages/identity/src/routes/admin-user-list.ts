import { userJson } from "../account/account.ts";
import { listAccounts } from "../account/account-store.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { type PageQuery, pageHeaders, readPage } from "../request/page-query.ts";
import type { AddRoute } from "./route.ts";

/** GET /admin/users?page&per_page → 200 {users, aud}, headers X-Total-Count and Link. Service key only. */
export const adminUserList: AddRoute = (app, context) => {
  app.get<{ Querystring: PageQuery }>("/admin/users", async (request, reply) => {
    await requireServiceKey(context, callerOf(request), request.headers.authorization);
    const page = readPage(request.query);
    const { accounts, total } = await listAccounts(context.database, page.page, page.perPage);
    reply.headers(pageHeaders("/admin/users", page, total));
    return { users: accounts.map(userJson), aud: "authenticated" };
  });
};
