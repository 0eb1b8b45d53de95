// Who is on the other end, as the gateway tells it. These headers can be trusted because only the gateway can connect: the
// listener demands its certificate, and the gateway drops what a client sends under these names.
import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import type { EmitEvent, EventName, SecurityEvent } from "@holdfast/policy";
import type { FastifyRequest } from "fastify";

export interface Caller {
  readonly requestId: string;
  readonly correlation: string | undefined;
  /** An IP address, or "" when there is none. */
  readonly address: string;
  readonly userAgent: string;
  readonly route: string;
}

const requestIdPattern = /^[A-Za-z0-9-]{1,64}$/;
const correlationPattern = /^[A-Za-z0-9._-]{1,64}$/;
const routePattern = /^[A-Z]{3,7} \/[\x21-\x7e]{0,200}$/;
const userAgentCharactersMax = 256;

const matching = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === "string" && pattern.test(value) ? value : undefined;

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request: the same each time it is asked for. */
export function callerOf(request: FastifyRequest): Caller {
  const known = callers.get(request);
  if (known !== undefined) return known;
  const caller = readCaller(request);
  callers.set(request, caller);
  return caller;
}

function readCaller(request: FastifyRequest): Caller {
  const { headers } = request;
  const told = headers["x-holdfast-address"];
  const address = typeof told === "string" ? told : request.ip;
  return {
    requestId: matching(headers["x-holdfast-request-id"], requestIdPattern) ?? randomUUID(),
    correlation: matching(headers["x-holdfast-correlation"], correlationPattern),
    address: isIP(address) === 0 ? "" : address,
    userAgent: (headers["user-agent"] ?? "").replace(/[^\x20-\x7e]/g, "").slice(0, userAgentCharactersMax),
    route:
      matching(headers["x-holdfast-route"], routePattern) ?? `${request.method} ${request.routeOptions.url ?? "/"}`,
  };
}

export type Facts = Pick<SecurityEvent, "subject" | "actor" | "sessionId" | "reason" | "detail">;

/** Emits an event about what the caller did. */
export function emitEvent(
  context: { readonly emit: EmitEvent; readonly now: () => number },
  caller: Caller,
  name: EventName,
  facts: Facts = {},
): void {
  context.emit({
    name,
    at: context.now(),
    requestId: caller.requestId,
    ...(caller.correlation === undefined ? {} : { correlation: caller.correlation }),
    ...(caller.address === "" ? {} : { address: caller.address }),
    route: caller.route,
    service: "identity",
    ...facts,
  });
}
