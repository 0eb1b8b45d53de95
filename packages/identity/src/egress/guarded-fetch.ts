// The one way identity reaches out: to a provider that the policy names. TLS only, never a redirect, no address inside the
// network, answers of bounded size in bounded time. The address is checked where it is resolved, so a name that changes its
// mind between check and connection gains nothing (GHSA-5rr4-8452-hf4v).
import { lookup as resolve } from "node:dns";
import { request as requestInTheClear } from "node:http";
import { request as requestOverTls } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";
import { type AddressRange, addressRange, isLoopbackHost, mayReach } from "./address-range.ts";

const answerBytesMax = 1_048_576;
const timeoutMs = 5000;
const redirectsFrom = 300;
const redirectsUntil = 400;

export type EgressFault = "not-https" | "address-inside" | "redirect" | "too-large" | "timeout" | "unreachable";

/** A request that was not made, or an answer that was not taken. */
export class EgressError extends Error {
  readonly fault: EgressFault;

  constructor(fault: EgressFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "EgressError";
    this.fault = fault;
  }
}

export interface GuardedRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<Response>;

export interface GuardedOptions {
  /** Certificates (PEM) besides the system's that a server may come from. */
  readonly authorityPem?: string;
  /** Which addresses may be reached. */
  readonly mayReach?: typeof mayReach;
}

type Reach = (range: AddressRange) => boolean;

/** @param allowsLoopback the policy itself names an issuer on this machine: then this machine, and it in the clear, is allowed. */
export function createGuardedFetch(allowsLoopback: boolean, options: GuardedOptions = {}): GuardedFetch {
  const reaches: Reach = (range) => (options.mayReach ?? mayReach)(range, allowsLoopback);
  return async (text, request = {}) => {
    const url = new URL(text);
    const isLocal = isLoopbackHost(url.hostname);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal && allowsLoopback)) {
      throw new EgressError("not-https", `Only https is fetched, not ${url.protocol}//${url.host}`);
    }
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0) refuseInside(literal, reaches);
    return await fetchOnce(url, request, guardedLookup(reaches), options);
  };
}

function refuseInside(address: string, reaches: Reach): void {
  if (reaches(addressRange(address))) return;
  throw new EgressError("address-inside", "The host lies inside the network, where nothing is fetched");
}

/** Resolves like the system does, and fails when any of the addresses may not be reached. */
const guardedLookup =
  (reaches: Reach): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      try {
        for (const { address } of addresses) refuseInside(address, reaches);
      } catch (refusal) {
        return callback(refusal as Error, []);
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };

function fetchOnce(
  url: URL,
  request: GuardedRequest,
  lookup: LookupFunction,
  { authorityPem }: GuardedOptions,
): Promise<Response> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Response>();
  const send = url.protocol === "https:" ? requestOverTls : requestInTheClear;
  const body = bodyText(request.body);
  const outgoing = send(
    url,
    {
      method: request.method ?? "GET",
      headers: request.headers ?? {},
      lookup,
      signal: AbortSignal.timeout(timeoutMs),
      ...(authorityPem === undefined ? {} : { ca: [...rootCertificates, authorityPem] }),
    },
    (incoming) => {
      const status = incoming.statusCode ?? 0;
      if (status >= redirectsFrom && status < redirectsUntil) {
        incoming.destroy();
        reject(new EgressError("redirect", `${url.host} redirects; redirects are not followed`));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= answerBytesMax) chunks.push(chunk);
        else
          incoming.destroy(new EgressError("too-large", `${url.host} answers with more than ${answerBytesMax} bytes`));
      });
      incoming.on("error", (cause) => reject(asEgressError(url, cause)));
      incoming.on("end", () => settle(answer(status, incoming.headers, chunks)));
    },
  );
  outgoing.on("error", (cause) => reject(asEgressError(url, cause)));
  outgoing.end(body);
  return promise;
}

function asEgressError(url: URL, cause: Error): EgressError {
  if (cause instanceof EgressError) return cause;
  if (cause.name === "AbortError" || cause.name === "TimeoutError") {
    return new EgressError("timeout", `${url.host} did not answer within ${timeoutMs} ms`, cause);
  }
  return new EgressError("unreachable", `${url.host} cannot be reached`, cause);
}

function bodyText(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string" || body instanceof URLSearchParams) return body.toString();
  throw new TypeError("Only text and forms are sent");
}

const bodiless: ReadonlySet<number> = new Set([101, 204, 205, 304]);

function answer(status: number, headers: NodeJS.Dict<string | string[]>, chunks: readonly Buffer[]): Response {
  const kept = new Headers();
  for (const name of ["content-type", "cache-control", "date", "www-authenticate", "dpop-nonce"]) {
    const value = headers[name];
    if (typeof value === "string") kept.set(name, value);
  }
  return new Response(bodiless.has(status) ? null : Buffer.concat(chunks), { status, headers: kept });
}
