// The platform API as a Fastify application. It trusts nobody: it checks the peer's certificate and the token again, and
// evaluates the condition of the route again, although the gateway has done all three.

import { type SubjectPluginOptions, subjectPlugin, upstreamTlsOptions } from "@holdfast/gateway/upstream";
import { IdentityError } from "@holdfast/identity";
import { evaluate, type RefusalReason } from "@holdfast/policy";
import { DatabaseError } from "@holdfast/postgres";
import type { ServiceCertificate } from "@holdfast/vault";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { ServerError } from "../error.ts";
import { ApiProblem, type ApiProblemCode, sendApiProblem, sendIdentityProblem } from "./api-problem.ts";
import type { ApiContext, ApiRoute } from "./api-route.ts";
import { apiRoutes } from "./routes.ts";

const SERVICE = "platform";

const refusals: Readonly<Record<RefusalReason, ApiProblemCode>> = {
  "not-signed-in": "platform/not-signed-in",
  "second-factor-required": "platform/second-factor-required",
  "not-allowed": "platform/not-allowed",
  "not-named": "platform/not-found",
};

/** Database errors that mean it cannot be reached now, rather than that we asked something wrong. */
const awayCodes: ReadonlySet<string> = new Set(["database/unavailable", "database/timeout"]);

export interface PlatformApiOptions {
  readonly context: ApiContext;
  readonly certificate: ServiceCertificate;
  readonly subject: Omit<SubjectPluginOptions, "service" | "emit" | "now">;
}

/** Builds the API; the caller listens. @throws ServerError `server/route-mismatch` */
export async function createPlatformApi({
  context,
  certificate,
  subject,
}: PlatformApiOptions): Promise<FastifyInstance> {
  refuseMismatch(context);
  const app = Fastify({
    https: upstreamTlsOptions(certificate),
    logger: false,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  const types = ["application/json", "application/csp-report", "application/reports+json"];
  app.addContentTypeParser(types, { parseAs: "string" }, app.getDefaultJsonParser("error", "error"));
  const { emit, now } = context;
  await app.register(subjectPlugin, { ...subject, service: SERVICE, emit, now });
  for (const route of apiRoutes) register(app, context, route);
  return app;
}

function refuseMismatch({ policy }: ApiContext): void {
  const named = Object.keys(policy.services[SERVICE]?.routes ?? {});
  const handled = apiRoutes.map((route) => route.id);
  const differing = [...named.filter((id) => !handled.includes(id)), ...handled.filter((id) => !named.includes(id))];
  if (differing.length === 0) return;
  throw new ServerError(
    "server/route-mismatch",
    `Expected the policy and the platform to name the same routes; they differ in ${differing.join(", ")}.`,
    "Use one version of all @holdfast packages.",
  );
}

function register(app: FastifyInstance, context: ApiContext, route: ApiRoute): void {
  const [method, url] = route.id.split(" ") as [string, string];
  const bodyLimit = context.policy.services[SERVICE]?.routes[route.id]?.bodyBytesMax || undefined;
  app.route({
    method: method as "GET",
    url,
    exposeHeadRoute: false,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    // Before the body is read: a stranger's body costs nothing.
    onRequest: async (request, reply) => {
      const refusal = refusalOf(context, route, request);
      return refusal === null ? undefined : sendApiProblem(request, reply, refusal);
    },
    handler: (request, reply) => answer(context, route, request, reply),
  });
}

function refusalOf({ policy, now }: ApiContext, route: ApiRoute, request: FastifyRequest): ApiProblem | null {
  const action = { kind: "route", service: SERVICE, route: route.id } as const;
  const decision = evaluate(policy, request.subject, action, {}, { now: now() });
  return decision.allowed ? null : new ApiProblem(refusals[decision.reason]);
}

async function answer(
  context: ApiContext,
  route: ApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  try {
    const result = await route.handle(context, request, reply);
    if (reply.sent) return reply;
    void reply.header("cache-control", "no-store");
    return reply.send(result);
  } catch (cause) {
    if (cause instanceof ApiProblem) return sendApiProblem(request, reply, cause);
    if (cause instanceof IdentityError) return sendIdentityProblem(request, reply, cause);
    if (cause instanceof DatabaseError && cause.code === "database/pool-full") {
      void reply.header("retry-after", String(cause.retryAfterS ?? 1));
      return sendApiProblem(request, reply, new ApiProblem("platform/overloaded", undefined, cause));
    }
    if (cause instanceof DatabaseError && awayCodes.has(cause.code)) {
      return sendApiProblem(request, reply, new ApiProblem("platform/database-away", undefined, cause));
    }
    // Anything else is a bug: the plug-in records it and answers 500 without saying why.
    throw cause;
  }
}
