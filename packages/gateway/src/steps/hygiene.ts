import { cookiePairs } from "../cookie-pairs.ts";
import type { GatewayRequest } from "../gateway-request.ts";
import { drawNonce } from "../nonce.ts";
import type { ServiceRoute } from "../route.ts";
import type { Step, StepOutcome } from "../step.ts";

/** Fields that are the connection's (RFC 9110 §7.6.1), that we write ourselves, or that would change what we pass back. */
const DROPPED: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "expect",
  "content-length",
  "authorization",
  "cookie",
  // Answers come back as they are: a coded or partial one would need fields that are not passed back.
  "accept-encoding",
  "range",
  "if-range",
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "x-original-url",
  "x-original-host",
  "x-rewrite-url",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-correlation-id",
  "x-request-id",
]);
/** Families in which a service, or a framework under it, may believe whoever writes. */
const DROPPED_PREFIXES = ["x-forwarded-", "x-holdfast-", "x-user-", "x-envoy-", "proxy-", "sec-websocket-"] as const;
const REMEMBERED_NAMES_MAX = 1_000;
const HOST_COOKIE = "__Host-";
const REFRESH_COOKIE = "__Host-refresh=";
/** What ties a sign-in by provider to the browser that began it. It is no credential. */
const SIGN_IN_COOKIE = "__Host-sign-in=";

const passes = new Map<string, boolean>();

/**
 * What the service gets to see: the client's own fields without any that claims to come from us, and ours in their place.
 * Credentials are narrowed: only a token that was verified here (or, where callers authenticate to the service itself, theirs),
 * and of our cookies only the refresh token and the mark of a sign-in, to identity.
 */
export const hygiene: Step = {
  name: "hygiene",
  when: "request",
  applies: (route) => route.kind === "service",
  run(request): StepOutcome {
    const { raw, route } = request;
    if (route.kind !== "service") return undefined;
    const { rawHeaders, headers } = raw;
    const named = headers.connection === undefined ? NONE : namedInConnection(headers.connection);
    const out: string[] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] as string;
      if (isPassed(name) && (named === NONE || !named.has(name.toLowerCase())))
        out.push(name, rawHeaders[at + 1] as string);
    }
    addOwn(out, request, route);
    request.upstreamHeaders = out;
    return undefined;
  },
};

const NONE: ReadonlySet<string> = new Set();

function namedInConnection(connection: string): ReadonlySet<string> {
  const lower = connection.toLowerCase();
  if (lower === "keep-alive" || lower === "close") return NONE;
  return new Set(lower.split(",").map((name) => name.trim()));
}

function isPassed(name: string): boolean {
  const before = passes.get(name);
  if (before !== undefined) return before;
  const lower = name.toLowerCase();
  // CGI-like servers read "_" as "-": x_forwarded_for would come back to life there.
  const result =
    !DROPPED.has(lower) && !lower.includes("_") && !DROPPED_PREFIXES.some((prefix) => lower.startsWith(prefix));
  if (passes.size < REMEMBERED_NAMES_MAX) passes.set(name, result);
  return result;
}

function addOwn(out: string[], request: GatewayRequest, route: ServiceRoute): void {
  const { gateway, token, correlation } = request;
  out.push(
    "x-holdfast-request-id",
    request.id,
    "x-holdfast-address",
    request.address.text,
    "x-holdfast-route",
    route.id,
  );
  out.push(
    "x-forwarded-host",
    gateway.host,
    "x-forwarded-proto",
    gateway.origin.startsWith("https:") ? "https" : "http",
  );
  if (correlation !== undefined) out.push("x-holdfast-correlation", correlation);
  // Identity's own pages: the nonce that their content security policy will name.
  if (route.serviceKind === "identity" && (request.raw.headers.accept ?? "").includes("text/html")) {
    request.nonce = drawNonce();
    out.push("x-holdfast-nonce", request.nonce);
  }
  const { authorization } = request.raw.headers;
  if (route.hasOwnAuthentication && authorization !== undefined) out.push("authorization", authorization);
  else if (token !== null) out.push("authorization", `Bearer ${token}`);
  const { cookie } = request.raw.headers;
  if (cookie === undefined || route.serviceKind === "platform") return;
  const kept = keptCookies(cookie, route.serviceKind);
  if (kept !== "") out.push("cookie", kept);
}

function keptCookies(cookie: string, kind: ServiceRoute["serviceKind"]): string {
  return cookiePairs(cookie)
    .filter((pair) =>
      kind === "identity"
        ? pair.startsWith(REFRESH_COOKIE) || pair.startsWith(SIGN_IN_COOKIE)
        : pair !== "" && !pair.startsWith(HOST_COOKIE),
    )
    .join("; ");
}
