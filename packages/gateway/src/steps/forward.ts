import type { Dispatcher } from "undici";
import { errors } from "undici";
import type { GatewayRequest } from "../gateway-request.ts";
import type { Refusal } from "../problem.ts";
import type { ResponseClass } from "../response-headers.ts";
import type { ServiceRoute } from "../route.ts";
import type { Step, StepOutcome } from "../step.ts";
import type { Upstream } from "../upstream-connection.ts";

/** What of a service's answer reaches the client. Its Server, its X-Powered-By, its own policies do not. */
const PASSED_BACK: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "cache-control",
  "location",
  "x-total-count",
  "link",
  "x-sb-error-code",
  "x-supabase-api-version",
  // What Supabase Auth tells about the tokens of its answer; for the log of whoever refreshes.
  "sb-auth-user-id",
  "sb-auth-session-id",
  "sb-auth-refresh-token-counter",
  "sb-auth-refresh-token-reuse",
  "sb-auth-refresh-token-reuse-cause",
  "sb-auth-refresh-token-rotated",
  "retry-after",
  "etag",
  "content-disposition",
  "vary",
]);
const EVENT_STREAM = "text/event-stream";
/** How long a stream of events may be silent. Its sender writes a comment line more often than that. */
const STREAM_SILENCE_MS_MAX = 60_000;
const PROBLEM_TYPE = "application/problem+json";
const HOST_COOKIE = "__host-";

/** Passes the request on to its service over mutual TLS, and the answer back as it streams in. */
export const forward: Step = {
  name: "forward",
  when: "request",
  applies: (route) => route.kind === "service",
  run(request): StepOutcome {
    const { route, gateway, raw } = request;
    if (route.kind !== "service") return undefined;
    const upstream = gateway.upstreams.get(route.service);
    if (upstream === undefined) return { code: "upstream-unavailable", reason: "no-upstream" };
    const wantsStream = raw.headers.accept?.includes(EVENT_STREAM) ?? false;
    upstream.pool.dispatch(
      {
        origin: undefined as unknown as string,
        path: pathAt(upstream, request.target),
        method: raw.method as Dispatcher.HttpMethod,
        headers: request.upstreamHeaders as string[],
        body: request.body ?? (request.hasBody ? raw : null),
        headersTimeout: route.timeoutMs,
        bodyTimeout: wantsStream ? STREAM_SILENCE_MS_MAX : route.timeoutMs,
      },
      new Passage(request, route),
    );
    return "answered";
  },
};

function pathAt({ stripPrefix }: Upstream, target: string): string {
  return stripPrefix !== "" && target.startsWith(`${stripPrefix}/`) ? target.slice(stripPrefix.length) : target;
}

/** One answer on its way back. */
class Passage implements Dispatcher.DispatchHandler {
  readonly #request: GatewayRequest;
  readonly #route: ServiceRoute;
  #status = 0;
  #isReplaced = false;
  /** Runs while the client reads nothing of what was written. */
  #unread: NodeJS.Timeout | undefined;

  constructor(request: GatewayRequest, route: ServiceRoute) {
    this.#request = request;
    this.#route = route;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { response } = this.#request;
    if (response.destroyed) controller.abort(new Error("The client has gone."));
    response.once("close", () => {
      clearTimeout(this.#unread);
      if (!response.writableFinished) controller.abort(new Error("The client has gone."));
    });
    response.on("drain", () => {
      clearTimeout(this.#unread);
      controller.resume();
    });
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    // What a service or its framework says when it breaks may hold anything (ASVS 16.5.1).
    if (status >= 500 && !isKnownError(headers, this.#route)) {
      this.#isReplaced = true;
      this.#request.refuse({ code: "upstream-error", reason: "error" });
      return;
    }
    this.#request.begin(status, this.#classOf(headers), [
      ...passedBack(headers, this.#route),
      ...crossOrigin(headers, this.#route, this.#request.raw.headers.origin),
    ]);
  }

  /** Identity shows pages of its own to whoever follows a link it mailed; no other service may write HTML for our origin. */
  #classOf(headers: Record<string, string | string[] | undefined>): ResponseClass {
    const isPage = this.#request.nonce !== null && String(headers["content-type"]).startsWith("text/html");
    return this.#route.serviceKind === "identity" && isPage ? "html" : "api";
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isReplaced) return;
    if (this.#request.response.write(chunk)) return;
    controller.pause();
    // The service's connection waits for this client, and there are only so many: nobody may keep one by not reading.
    clearTimeout(this.#unread);
    this.#unread = setTimeout(() => this.#giveUp(), this.#request.gateway.unreadMsMax).unref();
  }

  #giveUp(): void {
    this.#request.record("request-timeout", "unread", this.#status);
    this.#request.response.destroy();
  }

  onResponseEnd(): void {
    if (this.#isReplaced) return;
    this.#request.response.end();
    this.#request.finish(this.#status);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { response } = this.#request;
    if (this.#isReplaced || (response.destroyed && !this.#request.isAnswered)) return;
    if (!this.#request.isAnswered) return this.#request.refuse(refusalOf(error));
    // The status has been sent: all that is left is not to let a part pass for the whole.
    if (!response.writableFinished && !response.destroyed) {
      this.#request.record("upstream-failed", "broken-off", this.#status);
      response.destroy();
    }
  }
}

/** A problem, or an error as identity writes it (Supabase's form): neither says more than it must. */
function isKnownError(headers: Record<string, string | string[] | undefined>, { serviceKind }: ServiceRoute): boolean {
  if (serviceKind === "identity" && headers["x-sb-error-code"] !== undefined) return true;
  return String(headers["content-type"]).startsWith(PROBLEM_TYPE);
}

function passedBack(headers: Record<string, string | string[] | undefined>, route: ServiceRoute): string[] {
  const out: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (name === "set-cookie") addCookies(out, value, route);
    else if (PASSED_BACK.has(name)) out.push(name, typeof value === "string" ? value : value.join(", "));
  }
  return out;
}

const CROSS_ORIGIN = [
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-max-age",
] as const;

/** The right to read for the one origin that asked, and never with the browser's own credentials. */
function crossOrigin(
  headers: Record<string, string | string[] | undefined>,
  { isCrossOrigin }: ServiceRoute,
  asking: string | undefined,
): string[] {
  const allowed = headers["access-control-allow-origin"];
  if (!isCrossOrigin || asking === undefined || allowed !== asking) return [];
  const more = CROSS_ORIGIN.flatMap((name) => (typeof headers[name] === "string" ? [name, headers[name]] : []));
  return ["access-control-allow-origin", allowed, ...more];
}

// Only identity sets our own cookies: a service that could would choose who the visitor is.
function addCookies(out: string[], value: string | string[], route: ServiceRoute): void {
  for (const cookie of typeof value === "string" ? [value] : value) {
    if (route.serviceKind === "identity" || !cookie.trimStart().toLowerCase().startsWith(HOST_COOKIE))
      out.push("set-cookie", cookie);
  }
}

function refusalOf(error: Error): Refusal {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return { code: "upstream-timeout", reason: "timeout" };
  }
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (
    error instanceof errors.ConnectTimeoutError ||
    code === "ECONNREFUSED" ||
    code === "ECONNRESET" ||
    code === "EPIPE" ||
    error instanceof errors.ClientClosedError ||
    error instanceof errors.ClientDestroyedError
  ) {
    return { code: "upstream-unavailable", reason: "no-connection" };
  }
  return { code: "upstream-failed", reason: "no-proper-answer" };
}
