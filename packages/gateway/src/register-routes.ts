// Gives Fastify the policy's routes, and the two refusals for what the policy does not name.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { answerBare } from "./bare-answer.ts";
import { runSteps, stepsFor } from "./chain.ts";
import { GatewayError } from "./error.ts";
import { type AnswerHooks, GatewayRequest } from "./gateway-request.ts";
import { type AnsweredRoute, type GatewayRoute, type MethodRoute, shapeOf } from "./route.ts";
import type { GatewayRuntime } from "./runtime.ts";
import type { Step } from "./step.ts";

const SERVED_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;
const UNKNOWN: GatewayRoute = Object.freeze({ kind: "unknown" });
const NOT_ALLOWED: MethodRoute = Object.freeze({
  kind: "method",
  path: "",
  allow: "GET, HEAD, POST, PUT, PATCH, DELETE",
});

export type UnmatchedHandler = (request: FastifyRequest, reply: FastifyReply) => void;

/** What every route of one gateway has in common. */
export interface Assembly {
  readonly runtime: GatewayRuntime;
  readonly hooks: AnswerHooks;
  readonly steps: readonly Step[];
}

/** Registers every route, and refuses from now on whatever else is registered. */
export function registerRoutes(app: FastifyInstance, assembly: Assembly, routes: readonly AnsweredRoute[]): void {
  refuseUnnamedRoutes(app, routes);
  const named = new Set(routes.map((route) => `${route.method} ${shapeOf(route.path)}`));
  for (const route of routes) {
    // HEAD is GET without the body (RFC 9110 §9.3.2), so one decision serves both, unless the policy names HEAD itself.
    const isHeadToo = route.method === "GET" && !named.has(`HEAD ${shapeOf(route.path)}`);
    addRoute(app, assembly, route, route.path, isHeadToo ? ["GET", "HEAD"] : [route.method]);
  }
  for (const route of methodRoutes(routes)) {
    const allowed = new Set(route.allow.split(", "));
    addRoute(
      app,
      assembly,
      route,
      route.path,
      SERVED_METHODS.filter((method) => !allowed.has(method)),
    );
  }
}

/** Whatever adds a route to this application must have it named in the policy first; otherwise it does not boot. */
function refuseUnnamedRoutes(app: FastifyInstance, routes: readonly AnsweredRoute[]): void {
  const named = new Set(routes.map((route) => `${route.method} ${route.path}`));
  app.addHook("onRoute", (added) => {
    if ((added.config as { readonly gateway?: unknown } | undefined)?.gateway === OURS) return;
    for (const method of [added.method].flat()) {
      const id = `${method} ${added.url}`;
      const why = named.has(id) ? "is answered by the policy's own route" : "is not named in the policy";
      throw new GatewayError(
        "gateway/route-not-named",
        `"${id}" ${why}.`,
        "Name the route in the policy, with who may call it; the gateway then forwards it.",
      );
    }
  });
}

/** Marks the routes that come from the policy. */
const OURS = Symbol("gateway");

function addRoute(
  app: FastifyInstance,
  assembly: Assembly,
  route: GatewayRoute,
  url: string,
  method: readonly string[],
): void {
  const own = stepsFor(assembly.steps, route);
  const ofUnknown = stepsFor(assembly.steps, UNKNOWN);
  const hasNames = url.includes("/:");
  app.route({
    url,
    method: [...method],
    config: { gateway: OURS } as object,
    // Never calls back: from here on the steps answer, and Fastify neither parses the body nor sends anything.
    onRequest: (request, reply, _done) => {
      // The router lets a name stand for nothing; then the path is another one, which the policy does not name.
      const isUnknown = hasNames && Object.values(request.params as Record<string, string>).includes("");
      const matched = isUnknown ? UNKNOWN : route;
      serve(assembly, request, reply, matched, isUnknown ? ofUnknown : own);
    },
    handler: () => {
      throw new Error("The gateway's steps answer every request.");
    },
  });
}

function serve(
  { runtime, hooks }: Assembly,
  { raw, id }: FastifyRequest,
  reply: FastifyReply,
  route: GatewayRoute,
  steps: readonly Step[],
): void {
  try {
    runSteps(new GatewayRequest(runtime, hooks, raw, reply.raw, id, route), steps);
  } catch {
    // There is no request to refuse yet. Fastify would answer with the error's own words.
    answerBare(reply.raw, id, runtime.headers);
  }
}

/** For each path that is named, the methods that are not. */
function methodRoutes(routes: readonly AnsweredRoute[]): readonly MethodRoute[] {
  const byShape = new Map<string, { readonly path: string; readonly methods: Set<string> }>();
  for (const route of routes) {
    const entry = byShape.get(shapeOf(route.path)) ?? { path: route.path, methods: new Set<string>() };
    byShape.set(shapeOf(route.path), entry);
    entry.methods.add(route.method);
    if (route.method === "GET") entry.methods.add("HEAD");
  }
  return [...byShape.values()].map(({ path, methods }) => ({ kind: "method", path, allow: [...methods].join(", ") }));
}

/** Answers what the router matched to nothing, or could not read. */
export function unmatchedHandler(assembly: Assembly): UnmatchedHandler {
  const served: ReadonlySet<string> = new Set(SERVED_METHODS);
  const own = stepsFor(assembly.steps, UNKNOWN);
  return (request, reply) => {
    reply.hijack();
    const route = served.has(request.raw.method ?? "") && request.raw.method !== "TRACE" ? UNKNOWN : NOT_ALLOWED;
    serve(assembly, request, reply, route, own);
  };
}
