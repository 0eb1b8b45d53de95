// A refusal by the server as an error the application can read: RFC 9457 problems from the gateway and from services, and the
// error bodies of Supabase Auth from identity.

/** What the server said. `code` is stable; `title` and `detail` are for people. */
export class ProblemError extends Error {
  /** The server's own stable code, for example `invalid_credentials`; `http-<status>` where the answer had none. */
  readonly code: string;
  readonly status: number;
  /** RFC 9457 `type`, or "about:blank". */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** What to name when asking for support: the gateway's request id. */
  readonly requestId: string | null;
  /** Seconds the server asked to wait (`Retry-After`). */
  readonly retryAfterSeconds: number | null;
  /** Places in the request body that were refused. */
  readonly errors: readonly ProblemPlace[];

  constructor(parts: ProblemParts) {
    super(parts.detail === "" ? parts.title : parts.detail);
    this.name = "ProblemError";
    this.code = parts.code;
    this.status = parts.status;
    this.type = parts.type;
    this.title = parts.title;
    this.detail = parts.detail;
    this.requestId = parts.requestId;
    this.retryAfterSeconds = parts.retryAfterSeconds;
    this.errors = parts.errors;
  }

  /** The request would be allowed in a session that has passed a second factor. */
  get isSecondFactorRequired(): boolean {
    return this.code.endsWith(SECOND_FACTOR_REQUIRED) || this.type.endsWith(SECOND_FACTOR_REQUIRED);
  }
}

const SECOND_FACTOR_REQUIRED = "second-factor-required";

export interface ProblemPlace {
  /** JSON pointer into the request body. */
  readonly pointer: string;
  readonly detail: string;
}

interface ProblemParts {
  readonly code: string;
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly errors: readonly ProblemPlace[];
}

/** Reads a refused response. Never throws for a strange body: a refusal stays a refusal. */
export async function problemFrom(response: Response): Promise<ProblemError> {
  const body = await readObject(response);
  const title = text(body["title"]) ?? text(body["error"]) ?? `The server answered ${response.status}.`;
  return new ProblemError({
    code: codeOf(body) ?? `http-${response.status}`,
    status: response.status,
    type: text(body["type"]) ?? "about:blank",
    title,
    detail: text(body["detail"]) ?? text(body["msg"]) ?? text(body["message"]) ?? "",
    requestId: text(body["instance"]),
    retryAfterSeconds: retryAfterSeconds(response),
    errors: placesOf(body["errors"]),
  });
}

/** `Retry-After` in seconds; only the delay form (RFC 9110 §10.2.3), since our own services send no dates. */
export function retryAfterSeconds(response: Response): number | null {
  const value = response.headers.get("retry-after");
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : null;
}

async function readObject(response: Response): Promise<Record<string, unknown>> {
  const contentType = response.headers.get("content-type") ?? "";
  if (!/^application\/(problem\+)?json\b/.test(contentType)) return {};
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
  } catch {
    // A body that is not JSON although it says so carries nothing we could show.
    return {};
  }
}

/** Supabase Auth writes `error_code` beside a numeric `code`, or since its API version 2024-01-01 a textual `code`. */
function codeOf(body: Record<string, unknown>): string | null {
  return text(body["error_code"]) ?? text(body["code"]);
}

function placesOf(errors: unknown): readonly ProblemPlace[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const place = entry as Record<string, unknown>;
    return [{ pointer: text(place["pointer"]) ?? "", detail: text(place["detail"]) ?? text(place["message"]) ?? "" }];
  });
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
