// Every way a request can fail, as one of our codes. What is not foreseen is a 500 that says nothing, and an event.
import { DatabaseError } from "@holdfast/postgres";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errorBody, errorVersion, IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { callerOf, emitEvent } from "./caller.ts";

const unavailable = 503;
const serverErrorsFrom = 500;

const validationFailed = (message: string) => new IdentityError("validation_failed", { message });

function fromFastify(error: FastifyError): IdentityError | null {
  if (error.validation !== undefined) return validationFailed(error.message);
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new IdentityError("request_entity_too_large");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new IdentityError("bad_json", { message: "The request body must be application/json" });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new IdentityError("bad_json");
    default:
      break;
  }
  // secure-json-parse and the router answer with plain errors of status 400.
  return error.statusCode !== undefined && error.statusCode < serverErrorsFrom
    ? validationFailed("Malformed request")
    : null;
}

function asIdentityError(error: unknown): IdentityError {
  if (error instanceof IdentityError) return error;
  if (error instanceof DatabaseError) {
    // Somebody else was faster: the account, the address or the session is no longer what it was a moment ago.
    if (error.code === "database/constraint-broken") return new IdentityError("conflict", { cause: error });
    return new IdentityError("unexpected_failure", {
      status: unavailable,
      retryAfterSeconds: error.retryAfterS ?? 1,
      cause: error,
    });
  }
  return fromFastify(error as FastifyError) ?? new IdentityError("unexpected_failure", { cause: error });
}

export function sendError(request: FastifyRequest, reply: FastifyReply, error: IdentityError): FastifyReply {
  const version = errorVersion(request.headers["x-supabase-api-version"]);
  if (version !== null) reply.header("x-supabase-api-version", version);
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  reply.headers(error.headers);
  reply.header("cache-control", "no-store");
  return reply.code(error.status).header("x-sb-error-code", error.code).send(errorBody(error, version));
}

/** Installs the answers to errors and to paths that do not exist. */
export function answerErrors(app: FastifyInstance, context: IdentityContext): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = asIdentityError(thrown);
    if (error.status >= serverErrorsFrom && error.code !== "over_capacity") {
      const cause = error.cause as { readonly name?: string; readonly code?: unknown } | undefined;
      const reason = typeof cause?.code === "string" ? cause.code : (cause?.name ?? error.code);
      emitEvent(context, callerOf(request), "api.error", { reason: reason.slice(0, 256) });
    }
    return sendError(request, reply, error);
  });
  app.setNotFoundHandler((request, reply) => sendError(request, reply, new IdentityError("route_not_found")));
}
