// OAuth clients for administrators: GET and POST /admin/oauth/clients, GET, PUT and DELETE of one, and its secret anew.
import type { FastifyRequest } from "fastify";
import type { IdentityContext } from "../identity-context.ts";
import {
  changeClient,
  createClient,
  removeClient,
  replaceClientSecret,
  requireClient,
} from "../oauth/administer-client.ts";
import { type ClientBody, clientBody, readClientWish } from "../oauth/client-input.ts";
import { listClients } from "../oauth/client-store.ts";
import { clientJson } from "../oauth/oauth-client.ts";
import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { type Caller, callerOf } from "../request/caller.ts";
import { type PageQuery, pageHeaders, readPage } from "../request/page-query.ts";
import type { AddRoute } from "./route.ts";

const created = 201;
const noContent = 204;
const clients = "/admin/oauth/clients";

async function administrator(context: IdentityContext, request: FastifyRequest): Promise<Caller> {
  const caller = callerOf(request);
  await requireServiceKey(context, caller, request.headers.authorization);
  requireOAuthServer(context.policy.identity.oauthServer.on);
  return caller;
}

/** → 200 {clients, aud}, headers X-Total-Count and Link. Service key only, as all of these. */
export const adminClientList: AddRoute = (app, context) => {
  app.get<{ Querystring: PageQuery }>(clients, async (request, reply) => {
    await administrator(context, request as FastifyRequest);
    const page = readPage(request.query);
    const found = await listClients(context.database, page.page, page.perPage);
    reply.headers(pageHeaders(clients, page, found.total));
    return { clients: found.clients.map((client) => clientJson(client)), aud: "authenticated" };
  });
};

/** → 201 client with its secret, which is never shown again. */
export const adminClientCreate: AddRoute = (app, context) => {
  app.post<{ Body: ClientBody }>(clients, { schema: { body: clientBody } }, async (request, reply) => {
    const caller = await administrator(context, request as FastifyRequest);
    const { client, secret } = await createClient(context, caller, readClientWish(request.body), "manual");
    return reply.code(created).send(clientJson(client, secret));
  });
};

/** → 200 client. */
export const adminClientGet: AddRoute = (app, context) => {
  app.get<{ Params: IdParams }>(`${clients}/:id`, { schema: { params: idParams } }, async (request) => {
    await administrator(context, request as FastifyRequest);
    return clientJson(await requireClient(context, request.params.id));
  });
};

/** → 200 client. */
export const adminClientUpdate: AddRoute = (app, context) => {
  const options = { schema: { params: idParams, body: clientBody } };
  app.put<{ Params: IdParams; Body: ClientBody }>(`${clients}/:id`, options, async (request) => {
    const caller = await administrator(context, request as FastifyRequest);
    return clientJson(await changeClient(context, caller, request.params.id, readClientWish(request.body)));
  });
};

/** → 204; its sessions end. */
export const adminClientDelete: AddRoute = (app, context) => {
  app.delete<{ Params: IdParams }>(`${clients}/:id`, { schema: { params: idParams } }, async (request, reply) => {
    const caller = await administrator(context, request as FastifyRequest);
    await removeClient(context, caller, request.params.id);
    return reply.code(noContent).send();
  });
};

/** → 200 client with its new secret; the old one is worth nothing from now on. */
export const adminClientSecret: AddRoute = (app, context) => {
  const path = `${clients}/:id/regenerate_secret`;
  app.post<{ Params: IdParams }>(path, { schema: { params: idParams } }, async (request) => {
    const caller = await administrator(context, request as FastifyRequest);
    const { client, secret } = await replaceClientSecret(context, caller, request.params.id);
    return clientJson(client, secret);
  });
};
