// Who asks for a change of somebody else's account, and what arrives with it.
import type { Administrator, Caller } from "@holdfast/identity";
import type { FastifyRequest } from "fastify";
import { ApiProblem } from "./api-problem.ts";
import { type ApiRoute, personOf } from "./api-route.ts";

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The acting administrator, and the request as identity records it. */
export function by(route: Pick<ApiRoute, "id">, request: FastifyRequest): { actor: Administrator; caller: Caller } {
  return { actor: { kind: "administrator", id: personOf(request).id }, caller: callerOf(route, request) };
}

function callerOf(route: Pick<ApiRoute, "id">, request: FastifyRequest): Caller {
  const { requestId, correlation, address } = request;
  return { requestId, correlation, address, userAgent: "", route: route.id };
}

/** An id in the path. What is no UUID names nothing. */
export function idIn(request: FastifyRequest, name = "id"): string {
  const value = (request.params as Readonly<Record<string, string>>)[name] ?? "";
  if (!uuidPattern.test(value)) throw new ApiProblem("platform/not-found");
  return value;
}

/** The gateway has checked the body against the route's schema; a caller past it is told the same. */
export function bodyIn<Body>(request: FastifyRequest, ...required: readonly (keyof Body & string)[]): Body {
  const body = request.body as Record<string, unknown> | null | undefined;
  if (typeof body !== "object" || body === null || required.some((key) => body[key] === undefined)) {
    throw new ApiProblem("platform/input-invalid", `Expected a body with ${required.join(", ")}.`);
  }
  return body as Body;
}
