import type { FastifyRequest } from "fastify";
import { userJson } from "../account/account.ts";
import { listAccounts } from "../account/account-store.ts";
import { IdentityError } from "../error/identity-error.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const perPageUsual = 50;
const perPageMax = 1000;
const pageMax = 1_000_000;

/** A whole number from the query; what is absent or empty is the usual one. @throws IdentityError validation_failed */
function readCount(name: string, text: unknown, usual: number, max: number): number {
  if (text === undefined || text === "") return usual;
  const count = typeof text === "string" && /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new IdentityError("validation_failed", { message: `Bad pagination parameter ${name}` });
  return Math.min(count, max);
}

/** RFC 8288, in the order and spelling that auth-js reads. */
function links(page: number, last: number): string {
  const to = (number: number, relation: string) => `</admin/users?page=${number}>; rel="${relation}"`;
  return [...(page < last ? [to(page + 1, "next")] : []), to(last, "last")].join(", ");
}

type Query = FastifyRequest<{ Querystring: { page?: unknown; per_page?: unknown } }>;

/** GET /admin/users?page&per_page → 200 {users, aud}, headers X-Total-Count and Link. Service key only. */
export const adminUserList: AddRoute = (app, context) => {
  app.get("/admin/users", async (request: Query, reply) => {
    await requireServiceKey(context, callerOf(request), request.headers.authorization);
    const page = readCount("page", request.query.page, 1, pageMax);
    const perPage = readCount("per_page", request.query.per_page, perPageUsual, perPageMax);
    const { accounts, total } = await listAccounts(context.database, page, perPage);
    reply.header("x-total-count", String(total));
    reply.header("link", links(page, Math.max(1, Math.ceil(total / perPage))));
    return { users: accounts.map(userJson), aud: "authenticated" };
  });
};
