import type { OwnProblem } from "@holdfast/gateway/upstream";
import { DatabaseError } from "@holdfast/postgres";

/** Every refusal of this API. Its code is the end of the problem's `type` and never changes its meaning. */
export const refusals = {
  "cursor-invalid": { status: 400, title: "The place to read on from is none that this API gave." },
  "value-refused": { status: 400, title: "The database cannot take one of the values." },
  "session-ended": { status: 401, title: "Your session has ended. Sign in again." },
  "not-allowed": { status: 403, title: "You are not allowed to do this." },
  "not-yours": { status: 403, title: "You may see this, but not change it." },
  "not-found": { status: 404, title: "There is nothing here that you may see." },
  "already-there": { status: 409, title: "This person is there already." },
  busy: { status: 503, title: "The database cannot answer at the moment." },
} as const;

export type RefusalCode = keyof typeof refusals;

/** The `type` of a refusal. `urn:example` is the namespace for examples (RFC 6963). */
export const refusalType = (code: RefusalCode): string => `urn:example:content:${code}`;

/** A request that is refused: the error handler of `subjectPlugin` answers it as a problem of its own type. */
export class RefusedRequest extends Error {
  readonly statusCode: number;
  readonly problem: OwnProblem;
  /** Whole seconds after which the same may succeed. */
  readonly retryAfterS: number | undefined;

  constructor(code: RefusalCode, options?: { readonly cause?: unknown; readonly retryAfterS?: number | undefined }) {
    super(`refused as ${code}`, options);
    this.name = "RefusedRequest";
    this.statusCode = refusals[code].status;
    this.problem = { type: refusalType(code), title: refusals[code].title };
    this.retryAfterS = options?.retryAfterS;
  }
}

const UNIQUE_VIOLATION = "23505";

/**
 * What a database's refusal means for the caller. Whatever is not listed stays what it was and is answered as 500 without a word
 * about it.
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  switch (error.code) {
    case "database/refused":
      return new RefusedRequest("not-allowed", { cause: error });
    case "database/session-ended":
      return new RefusedRequest("session-ended", { cause: error });
    case "database/constraint-broken":
      return new RefusedRequest(error.sqlState === UNIQUE_VIOLATION ? "already-there" : "value-refused", {
        cause: error,
      });
    case "database/input-invalid":
      return new RefusedRequest("value-refused", { cause: error });
    case "database/pool-full":
      return new RefusedRequest("busy", { cause: error, retryAfterS: error.retryAfterS });
    case "database/unavailable":
      return new RefusedRequest("busy", { cause: error });
    default:
      return error;
  }
}
