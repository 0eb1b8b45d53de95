// The one way this package and its applications send a request. Same origin only; credentials are cookies the script cannot
// read; a refusal becomes a ProblemError; a read is repeated at most once, a write never.
import { problemFrom, retryAfterSeconds } from "./problem-error.ts";
import { ReactError } from "./react-error.ts";
import type { RefreshOutcome } from "./single-refresh.ts";

/** Longer than this nobody waits in front of a page: the refusal is shown instead. */
const RETRY_AFTER_SECONDS_MAX = 5;
/** An access token this close to its end is renewed before it is used, so that a write does not fail on the way. */
const ACCESS_TOKEN_MARGIN_MS = 10_000;
const MS_PER_SECOND = 1000;
const IDENTITY_PREFIX = "/auth/v1/";
const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export interface SecureRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a request to this origin. Throws ProblemError on a refusal, ReactError when the server cannot be reached. */
export type SecureFetch = (path: string, request?: SecureRequest) => Promise<Response>;

export interface SecureFetchParts {
  readonly fetch: typeof fetch;
  readonly origin: string;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Until when the access token is good, or null when there is no session. */
  readonly accessExpiresAt: () => number | null;
  readonly refresh: () => Promise<RefreshOutcome>;
}

export function createSecureFetch(parts: SecureFetchParts): SecureFetch {
  return async (path, request = {}) => {
    const url = sameOriginUrl(path, parts.origin);
    const isRead = READS.has(request.method ?? "GET");
    const attempt = () => send(parts.fetch, url, request);

    const expiresAt = parts.accessExpiresAt();
    const isStale = expiresAt !== null && expiresAt - ACCESS_TOKEN_MARGIN_MS <= parts.now();
    if (isStale) await parts.refresh();

    let response = await attempt();
    if (response.status === 401 && expiresAt !== null && !isStale) {
      const outcome = await parts.refresh();
      if (outcome === "renewed" && isRead) response = await attempt();
    }
    const delaySeconds = response.status === 429 || response.status === 503 ? retryAfterSeconds(response) : null;
    if (isRead && delaySeconds !== null && delaySeconds <= RETRY_AFTER_SECONDS_MAX) {
      await parts.wait(delaySeconds * MS_PER_SECOND);
      response = await attempt();
    }
    if (!response.ok) throw await problemFrom(response);
    return response;
  };
}

/** One request with this origin's cookies. A redirect is an error: no route of an API redirects. */
export async function send(fetchNow: typeof fetch, url: URL, request: SecureRequest): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set("accept", "application/json");
  if (request.json !== undefined) headers.set("content-type", "application/json");
  if (url.pathname.startsWith(IDENTITY_PREFIX)) headers.set("x-use-cookie", "session");
  try {
    return await fetchNow(url, {
      method: request.method ?? "GET",
      headers,
      credentials: "same-origin",
      mode: "same-origin",
      redirect: "error",
      cache: "no-store",
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
  } catch (cause) {
    // An abort is the caller's own wish and keeps its name; everything else fetch throws means that there was no answer.
    if (request.signal?.aborted === true) throw cause;
    throw new ReactError(
      "react/unreachable",
      "The server could not be reached.",
      "Check the connection and try again.",
      {
        cause,
      },
    );
  }
}

/** The URL of a path of this origin. Refuses every other origin, so that cookies and data never leave it. */
export function sameOriginUrl(path: string, origin: string): URL {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : null;
  if (url === null || url.origin !== origin || url.username !== "" || url.password !== "") {
    throw new ReactError(
      "react/cross-origin",
      "secureFetch was asked to leave this origin.",
      "Name a path of this origin, such as /api/content; use fetch itself for other origins.",
    );
  }
  return url;
}
