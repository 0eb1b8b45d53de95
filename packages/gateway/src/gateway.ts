// Assembles the gateway: one Fastify application whose routes are the policy's and whose only work is to run the steps.
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { EmitEvent, Limit, Policy } from "@holdfast/policy";
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import Fastify from "fastify";
import type { JSONWebKeySet } from "jose";
import { REQUESTS_PER_CONNECTION_MAX } from "./connection.ts";
import type { EarlyRefusalOptions } from "./early-refusal.ts";
import { guardServer, refusalOfConnectionError, refuseSocket } from "./early-refusal.ts";
import { GatewayError } from "./error.ts";
import type { AnswerHooks, GatewayRequest } from "./gateway-request.ts";
import { RateLimiter } from "./rate-limit.ts";
import { type Assembly, registerRoutes, type UnmatchedHandler, unmatchedHandler } from "./register-routes.ts";
import { responseHeaders } from "./response-headers.ts";
import { routesOf } from "./route.ts";
import type { GatewayRuntime } from "./runtime.ts";
import { serverLimits, tlsFloor } from "./server-limits.ts";
import type { Site } from "./site.ts";
import { readSite } from "./site.ts";
import type { Step } from "./step.ts";
import { gatewaySteps } from "./steps.ts";
import type { TokenVerifier, VerifiedToken } from "./token-verifier.ts";
import { createTokenVerifier } from "./token-verifier.ts";
import type { Upstream, UpstreamOptions } from "./upstream-connection.ts";
import { connectUpstream } from "./upstream-connection.ts";

/** A request that has been answered completely, for metrics and an access log. Holds no path, body or secret. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly correlation: string | undefined;
  readonly method: string;
  /** `"METHOD /pattern"`, undefined where nothing was matched. */
  readonly route: string | undefined;
  readonly service: string | undefined;
  readonly status: number;
  readonly address: string;
  readonly subject: string | null;
  /** From the first step to the last byte handed to the socket. */
  readonly durationMs: number;
}

export interface GatewayOptions {
  readonly policy: Policy;
  /** `<origin>/auth/v1`. */
  readonly issuer: string;
  /** Identity's public keys. Not needed when `verifier` is given. */
  readonly jwks?: (wanted?: string) => Promise<JSONWebKeySet> | JSONWebKeySet;
  readonly verifier?: TokenVerifier;
  readonly isSessionEnded?: (sessionId: string) => boolean;
  readonly areRevocationsKnown?: () => boolean;
  readonly keySetVersion?: () => number;
  /**
   * A newer access token of the same session, when rights were added since the presented one was signed; null when it says all.
   * It is verified like any other, and passed on in place of the presented one.
   */
  readonly renew?: (token: VerifiedToken) => Promise<string | null> | null;
  /** One for every service of the policy, identity and platform among them. */
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>;
  /** One for every site of the policy. */
  readonly sites: Readonly<Record<string, { readonly directory: string }>>;
  readonly emit: EmitEvent;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Absent: plain HTTP, for a first look on a loopback address; everything else is equal. */
  readonly https?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** Limits that come before a route's own: by address, and of a connection. */
  readonly limits?: {
    readonly address?: Limit;
    readonly unknown?: Limit;
    readonly tokenFailures?: Limit;
    readonly requestsPerConnection?: number;
    readonly unreadMs?: number;
  };
  /** The steps, for assembling a broken twin. Default `gatewaySteps`. */
  readonly steps?: readonly Step[];
  readonly observe?: (answered: AnsweredRequest) => void;
}

const ADDRESS_LIMIT: Limit = { requests: 6_000, windowSeconds: 60 };
const UNKNOWN_LIMIT: Limit = { requests: 1_200, windowSeconds: 60 };
const TOKEN_FAILURE_LIMIT: Limit = { requests: 300, windowSeconds: 60 };
/** Long for a bad network, and so short that the quotas of the routes keep one client from holding every connection to a service. */
const UNREAD_MS_MAX = 10_000;

/**
 * Builds the gateway; the caller listens. Throws GatewayError when what the policy names is missing, when two routes
 * conflict, and when anything registers a route that the policy does not name.
 */
export async function createGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const steps = options.steps ?? gatewaySteps;
  const sites = await readSites(options);
  const routes = routesOf(options.policy, sites);
  const upstreams = connectUpstreams(options);
  const assembly: Assembly = { runtime: runtimeOf(options, sites, upstreams), hooks: hooksOf(options, steps), steps };
  const unmatched = unmatchedHandler(assembly);
  // A twin without the step has its header fields nowhere.
  const headers = steps.some((step) => step.name === "headers") ? assembly.runtime.headers : null;
  const early: EarlyRefusalOptions = { headers, now: options.now, emit: options.emit };
  const app = Fastify(fastifyOptions(options, early, unmatched)) as unknown as FastifyInstance;
  registerRoutes(app, assembly, routes);
  answerUnmatched(app, unmatched);
  guardServer(app.server as unknown as Server, early);
  applyServerLimits(app.server as unknown as Server);
  app.addHook("onClose", async () => {
    await Promise.all([...upstreams.values()].map(({ pool }) => pool.destroy()));
  });
  return app;
}

/** Whatever Fastify itself would answer, we do. */
function answerUnmatched(app: FastifyInstance, unmatched: UnmatchedHandler): void {
  // Before Fastify looks at the body, for whose type it has an answer of its own even where there is no route.
  app.addHook("onRequest", (request, reply, done) => {
    if (request.is404) unmatched(request, reply);
    else done();
  });
  app.setNotFoundHandler((request, reply) => unmatched(request, reply));
  app.setErrorHandler((_error, request, reply) => unmatched(request, reply));
}

function hooksOf({ observe }: GatewayOptions, steps: readonly Step[]): AnswerHooks {
  const answerSteps = steps.filter((step) => step.when === "answer");
  return {
    before: (request) => {
      for (const step of answerSteps) step.run(request);
    },
    after: observe === undefined ? undefined : (request, status) => observe(answeredRequest(request, status)),
  };
}

function answeredRequest(request: GatewayRequest, status: number): AnsweredRequest {
  return {
    requestId: request.id,
    correlation: request.correlation,
    method: request.raw.method ?? "",
    route: request.routeId,
    service: request.route.kind === "service" ? request.route.service : undefined,
    status,
    address: request.address.text,
    subject: request.subject.id,
    durationMs: performance.now() - request.startedAt,
  };
}

function runtimeOf(
  options: GatewayOptions,
  sites: ReadonlyMap<string, Site>,
  upstreams: ReadonlyMap<string, Upstream>,
): GatewayRuntime {
  const { policy, limits, now, emit } = options;
  const { origin } = new URL(policy.application.origin);
  return {
    policy,
    origin,
    host: new URL(origin).host,
    verifier: options.verifier ?? verifierOf(options),
    renew: options.renew,
    headers: responseHeaders(policy),
    upstreams,
    sites,
    addressLimiter: new RateLimiter("address", limits?.address ?? ADDRESS_LIMIT),
    unknownLimiter: new RateLimiter("unknown", limits?.unknown ?? UNKNOWN_LIMIT),
    tokenFailureLimiter: new RateLimiter("token-failures", limits?.tokenFailures ?? TOKEN_FAILURE_LIMIT),
    requestsPerConnectionMax: limits?.requestsPerConnection ?? REQUESTS_PER_CONNECTION_MAX,
    unreadMsMax: limits?.unreadMs ?? UNREAD_MS_MAX,
    now,
    emit,
  };
}

function verifierOf(options: GatewayOptions): TokenVerifier {
  if (options.jwks === undefined) {
    throw new GatewayError(
      "gateway/verifier-missing",
      "Neither a verifier nor jwks was given.",
      "Pass jwks: () => identity.jwks().",
    );
  }
  return createTokenVerifier({
    jwks: options.jwks,
    issuer: options.issuer,
    lifetimeSecondsMax: options.policy.identity.session.accessTokenSeconds,
    now: options.now,
    ...(options.isSessionEnded === undefined ? {} : { isSessionEnded: options.isSessionEnded }),
    ...(options.areRevocationsKnown === undefined ? {} : { areRevocationsKnown: options.areRevocationsKnown }),
    ...(options.keySetVersion === undefined ? {} : { keySetVersion: options.keySetVersion }),
  });
}

function fastifyOptions(
  options: GatewayOptions,
  early: EarlyRefusalOptions,
  unmatched: UnmatchedHandler,
): FastifyServerOptions {
  const { https } = options;
  const server = https === undefined ? { http: serverLimits } : { https: { ...serverLimits, ...tlsFloor, ...https } };
  return {
    ...server,
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    requestTimeout: serverLimits.requestTimeout,
    keepAliveTimeout: serverLimits.keepAliveTimeout,
    genReqId: () => randomUUID(),
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false },
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => unmatched(request, reply),
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Parameters<typeof refuseSocket>[0]) => {
      const refusal = refusalOfConnectionError(error);
      if (refusal === null) socket.destroy();
      else refuseSocket(socket, refusal, early);
    },
  } as unknown as FastifyServerOptions;
}

function applyServerLimits(server: Server): void {
  server.headersTimeout = serverLimits.headersTimeout;
  server.maxHeadersCount = serverLimits.maxHeadersCount;
  server.maxConnections = serverLimits.maxConnections;
  server.timeout = serverLimits.silenceTimeout;
}

async function readSites(options: GatewayOptions): Promise<ReadonlyMap<string, Site>> {
  const sites = new Map<string, Site>();
  for (const name of Object.keys(options.policy.sites)) {
    const given = options.sites[name];
    if (given !== undefined) sites.set(name, await readSite(name, given.directory));
  }
  return sites;
}

function connectUpstreams(options: GatewayOptions): ReadonlyMap<string, Upstream> {
  const upstreams = new Map<string, Upstream>();
  for (const name of Object.keys(options.policy.services)) {
    const given = options.upstreams[name];
    if (given === undefined) {
      throw new GatewayError(
        "gateway/upstream-missing",
        `The policy names the service "${name}", but no upstream was given for it.`,
        "Pass upstreams: { <name>: { url, certificate, authorityPem } } to createGateway.",
      );
    }
    upstreams.set(name, connectUpstream(name, given));
  }
  return upstreams;
}
