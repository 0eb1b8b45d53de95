import { DatabaseError } from "@holdfast/postgres";

/** A request that is refused with a status and nothing else: the error handler of `subjectPlugin` answers it as a problem. */
export class RefusedRequest extends Error {
  readonly statusCode: 400 | 403 | 404 | 503;

  constructor(statusCode: RefusedRequest["statusCode"], options?: { readonly cause?: unknown }) {
    super(`refused with ${statusCode}`, options);
    this.name = "RefusedRequest";
    this.statusCode = statusCode;
  }
}

/**
 * What a database's refusal means for the caller. Whatever is not listed stays what it was and is answered as 500 without a word
 * about it.
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  switch (error.code) {
    case "database/refused":
      return new RefusedRequest(403, { cause: error });
    case "database/constraint-broken":
    case "database/input-invalid":
      return new RefusedRequest(400, { cause: error });
    case "database/pool-full":
    case "database/unavailable":
      return new RefusedRequest(503, { cause: error });
    default:
      return error;
  }
}
