// For services behind the gateway (Fastify): who asks, verified once more here, and errors that say nothing.
import { STATUS_CODES } from "node:http";
import type { TLSSocket } from "node:tls";
import type { EmitEvent, Subject } from "@holdfast/policy";
import { anonymous, subjectFacts } from "@holdfast/policy";
import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import type { JSONWebKeySet, JWTPayload } from "jose";
import type { BodyIssue, ProblemCode } from "../problem.ts";
import { problems, problemType } from "../problem.ts";
import type { TokenReason, TokenVerifier } from "../token-verifier.ts";
import { createTokenVerifier } from "../token-verifier.ts";
import { DEFAULT_CALLERS, guardPeers, isPeerAllowed } from "./tls.ts";

export interface SubjectPluginOptions {
  /** The service's name in the policy, for events. */
  readonly service: string;
  /** `<origin>/auth/v1`. */
  readonly issuer: string;
  /** Identity's public keys. Not needed when `verifier` is given. */
  readonly jwks?: (wanted?: string) => Promise<JSONWebKeySet> | JSONWebKeySet;
  readonly verifier?: TokenVerifier;
  /** The longest lifetime of a person's token that is believed. Default: a day. */
  readonly lifetimeSecondsMax?: number;
  readonly isSessionEnded?: (sessionId: string) => boolean;
  readonly areRevocationsKnown?: () => boolean;
  readonly keySetVersion?: () => number;
  readonly emit: EmitEvent;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Services whose certificates may connect; `callers` of the policy. Default: the gateway only. */
  readonly callers?: readonly string[];
}

/** What an error of the service may carry as `problem`: its own stable type. The error's message never leaves. */
export interface OwnProblem {
  /** An absolute URI (RFC 9457 §3.1.1). */
  readonly type: string;
  readonly title: string;
}

/** What an error may say besides: that the same may succeed later. */
interface Postponed {
  /** Whole seconds. */
  readonly retryAfterS?: number | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks, from the verified token; the anonymous subject without one. */
    subject: Subject;
    /** The verified claims, for `asSubject`; null for the anonymous. */
    claims: Readonly<JWTPayload> | null;
    /** The gateway's id of the request. */
    requestId: string;
    /** The client's address as the gateway sees it. */
    address: string;
    /** The caller's own id of the request. */
    correlation: string | undefined;
  }
}

const DAY_SECONDS = 86_400;
const BEARER = "Bearer ";
/** SQLSTATE insufficient_privilege: a grant or a row-level policy said no. */
const INSUFFICIENT_PRIVILEGE = "42501";
const REASON_CHARACTERS_MAX = 64;
const UNAVAILABLE = 503;

/** Registers on the instance it is given, not on a child: everything registered after it is covered. */
export const subjectPlugin: FastifyPluginCallback<SubjectPluginOptions> = (app, options, done) => {
  const callers = options.callers ?? DEFAULT_CALLERS;
  const verifier = options.verifier ?? verifierOf(options);
  // Fastify takes no object as a decorator's value; the hook sets it before any handler of the service runs.
  app.decorateRequest("subject");
  app.decorateRequest("claims", null);
  app.decorateRequest("requestId", "");
  app.decorateRequest("address", "");
  app.decorateRequest("correlation", undefined);
  guardPeers(app.server, options, callers);
  app.addHook("onRequest", async (request, reply) => {
    request.subject = anonymous;
    if (!isPeerAllowed(request.raw.socket as TLSSocket, callers))
      return sendProblem(reply, 403, ours("access-refused"));
    readForwarded(request);
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    const token = authorization.startsWith(BEARER) ? authorization.slice(BEARER.length) : "";
    const verified = verifier.remembered(token) ?? (await verifier.verify(token));
    if (verified.kind === "refused") return sendRefusal(reply, verified.reason);
    request.subject = verified.subject;
    request.claims = verified.claims;
    return undefined;
  });
  setErrorHandlers(app, options);
  done();
};
// Fastify's own mark for a plug-in whose hooks and decorators belong to the instance that registers it.
Object.assign(subjectPlugin, { [Symbol.for("skip-override")]: true });

function sendRefusal(reply: FastifyReply, reason: TokenReason): FastifyReply {
  if (reason === "revocations-unknown") return sendProblem(reply, 503, ours("revocations-unknown"));
  return sendProblem(reply, 401, ours("token-invalid"));
}

function verifierOf(options: SubjectPluginOptions): TokenVerifier {
  const { jwks, issuer, now, isSessionEnded, areRevocationsKnown, keySetVersion } = options;
  if (jwks === undefined) throw new TypeError("subjectPlugin needs jwks or a verifier.");
  const lifetimeSecondsMax = options.lifetimeSecondsMax ?? DAY_SECONDS;
  return createTokenVerifier({
    jwks,
    issuer,
    now,
    lifetimeSecondsMax,
    ...(isSessionEnded === undefined ? {} : { isSessionEnded }),
    ...(areRevocationsKnown === undefined ? {} : { areRevocationsKnown }),
    ...(keySetVersion === undefined ? {} : { keySetVersion }),
  });
}

function readForwarded(request: FastifyRequest): void {
  request.requestId = headerOf(request, "x-holdfast-request-id") ?? "";
  request.address = headerOf(request, "x-holdfast-address") ?? "";
  request.correlation = headerOf(request, "x-holdfast-correlation");
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}

function setErrorHandlers(app: FastifyInstance, options: SubjectPluginOptions): void {
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, ours("route-unknown")));
  app.setErrorHandler((error: FastifyError & Postponed & { readonly problem?: OwnProblem }, request, reply) => {
    if (error.validation !== undefined) return sendProblem(reply, 400, ours("body-invalid"), issuesOf(error));
    if (error.code === INSUFFICIENT_PRIVILEGE) {
      emit(options, request, "database.refused", error);
      return sendProblem(reply, 403, ours("access-refused"));
    }
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return sendProblem(reply, status, error.problem ?? blank(status));
    emit(options, request, "api.error", error);
    if (error.retryAfterS !== undefined) {
      reply.header("retry-after", String(error.retryAfterS));
      return sendProblem(reply, UNAVAILABLE, error.problem ?? blank(UNAVAILABLE));
    }
    if (error.problem !== undefined) return sendProblem(reply, status, error.problem);
    return sendProblem(reply, 500, ours("upstream-error"));
  });
}

const ours = (code: ProblemCode): OwnProblem => ({ type: problemType(code), title: problems[code].title });

// A problem without a type of its own is titled like its status (RFC 9457 §4.2.1).
const blank = (status: number): OwnProblem => ({ type: "about:blank", title: STATUS_CODES[status] ?? "Error" });

function issuesOf(error: FastifyError): readonly BodyIssue[] {
  return (error.validation ?? []).map((issue) => ({
    pointer: issue.instancePath,
    detail: issue.message ?? "is not valid",
  }));
}

function emit(
  options: SubjectPluginOptions,
  request: FastifyRequest,
  name: "api.error" | "database.refused",
  error: FastifyError,
): void {
  const { subject, correlation } = request;
  options.emit({
    name,
    at: options.now(),
    service: options.service,
    requestId: request.requestId,
    address: request.address,
    // The name or code of an error, never its message: messages quote statements, rows and secrets (ASVS 16.2.5).
    reason: String(error.code ?? error.name ?? "unexpected").slice(0, REASON_CHARACTERS_MAX),
    ...(request.routeOptions.url === undefined ? {} : { route: `${request.method} ${request.routeOptions.url}` }),
    ...(correlation === undefined ? {} : { correlation }),
    ...subjectFacts(subject),
  });
}

function sendProblem(
  reply: FastifyReply,
  status: number,
  { type, title }: OwnProblem,
  errors?: readonly BodyIssue[],
): FastifyReply {
  const instance = `urn:uuid:${reply.request.requestId}`;
  const problem = { type, title, status, instance, ...(errors === undefined ? {} : { errors }) };
  // As bytes, so that Fastify adds no charset: JSON has none (RFC 8259 §11).
  return reply
    .code(status)
    .type("application/problem+json")
    .send(Buffer.from(JSON.stringify(problem)));
}
