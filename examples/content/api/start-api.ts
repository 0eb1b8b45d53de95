// The content application's API: a Fastify service that only the gateway can reach (mutual TLS), that verifies the token again,
// decides again by the same policy, and asks the database as the subject of the request.
import type { AddressInfo } from "node:net";
import { subjectPlugin, upstreamTlsOptions } from "@holdfast/gateway/upstream";
import { evaluate, type ServicePolicy, subjectFacts } from "@holdfast/policy";
import type { UpstreamContext } from "@holdfast/server";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { contentRoutes } from "./content-routes.ts";
import { noteRoutes } from "./note-routes.ts";
import { membershipRoutes, shareRoutes } from "./people-routes.ts";
import { RefusedRequest } from "./refused-request.ts";
import { markCookie, subjectDatabase } from "./subject-database.ts";
import { administrationRoutes, teamRoutes } from "./team-routes.ts";

const SERVICE = "api";
const REQUEST_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 5_000;
const BODY_BYTES_MAX = 131_072;

export interface RunningApi {
  /** Where the gateway finds it, for example `https://127.0.0.1:40123`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the API on a free port of the loopback interface. */
export async function startApi(context: UpstreamContext): Promise<RunningApi> {
  const app = await createApi(context);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, close: () => app.close() };
}

async function createApi(context: UpstreamContext): Promise<FastifyInstance> {
  const { certificate, policy, emit, now, issuer, jwks, pool } = context;
  const { isSessionEnded, areRevocationsKnown, keySetVersion } = context;
  const service = policy.services[SERVICE];
  if (service === undefined) throw new Error(`the policy has no service "${SERVICE}"`);
  const app = Fastify({
    https: { ...upstreamTlsOptions(certificate), headersTimeout: HEADERS_TIMEOUT_MS },
    exposeHeadRoutes: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    bodyLimit: BODY_BYTES_MAX,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
  }) as unknown as FastifyInstance;

  app.addHook("onRoute", (route) => refuseUnnamed(service, `${String(route.method)} ${route.url}`));
  const { callers } = service;
  const revocations = { isSessionEnded, areRevocationsKnown, keySetVersion };
  await app.register(subjectPlugin, { service: SERVICE, issuer, jwks, emit, now, callers, ...revocations });
  app.addHook("onRequest", async (request) => {
    const action = { kind: "route", service: SERVICE, route: routeOf(request) } as const;
    const decision = evaluate(policy, request.subject, action, {}, { now: now() });
    if (!decision.allowed && request.routeOptions.url !== undefined) throw new RefusedRequest("not-allowed");
  });

  const database = subjectDatabase(pool, SERVICE, context.reads);
  app.addHook("onSend", async (request, reply) => {
    const cookie = markCookie(request);
    if (cookie !== undefined) void reply.header("set-cookie", cookie);
  });
  const bodyOf = (route: string): object => bodySchema(service, route);
  const onFiltered = (request: FastifyRequest) =>
    emit({
      name: "database.refused",
      at: now(),
      service: SERVICE,
      requestId: request.requestId,
      address: request.address,
      route: routeOf(request),
      reason: "row-filtered",
      ...(request.correlation === undefined ? {} : { correlation: request.correlation }),
      ...subjectFacts(request.subject),
    });
  const parts = { database, bodyOf, onFiltered };
  contentRoutes(app, parts);
  shareRoutes(app, parts);
  noteRoutes(app, parts);
  teamRoutes(app, parts);
  membershipRoutes(app, parts);
  administrationRoutes(app, database);
  return app;
}

const routeOf = (request: FastifyRequest): string => `${request.method} ${request.routeOptions.url ?? ""}`;

/** A route that the policy does not name must not exist, not even behind the gateway. */
function refuseUnnamed(service: ServicePolicy, route: string): void {
  if (!Object.hasOwn(service.routes, route)) throw new Error(`the policy does not name the route "${route}"`);
}

function bodySchema(service: ServicePolicy, route: string): object {
  const schema = service.routes[route]?.body;
  if (schema === undefined) throw new Error(`the policy gives the route "${route}" no body`);
  return schema;
}
