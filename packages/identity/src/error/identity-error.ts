// A refusal as it leaves identity: one stable code, a status, and both error bodies of Supabase Auth.
import { errorKinds, type IdentityErrorCode } from "./error-code.ts";

export type WeakPasswordReason = "length" | "characters" | "pwned";

interface Particulars {
  /** Instead of the code's usual status. */
  readonly status?: number;
  /** Instead of the code's usual message. Must never contain a secret or say whether an account exists. */
  readonly message?: string;
  readonly weakPassword?: readonly WeakPasswordReason[];
  readonly retryAfterSeconds?: number;
  /** Header fields that go with the refusal. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Thrown by routes and turned into an answer in one place. */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;
  readonly status: number;
  readonly weakPassword: readonly WeakPasswordReason[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: IdentityErrorCode, particulars: Particulars = {}) {
    super(particulars.message ?? errorKinds[code].message, { cause: particulars.cause });
    this.name = "IdentityError";
    this.code = code;
    this.status = particulars.status ?? errorKinds[code].status;
    this.weakPassword = particulars.weakPassword;
    this.retryAfterSeconds = particulars.retryAfterSeconds;
    this.headers = particulars.headers ?? {};
  }
}

/** The first version of the API whose error body is `{code, message}`; auth-js trusts `code` only when it is echoed. */
const structuredErrorsSince = "2024-01-01";
const versionPattern = /^\d{4}-\d{2}-\d{2}$/;

/** The version to echo, or null for the older body. */
export function errorVersion(header: unknown): string | null {
  if (typeof header !== "string" || !versionPattern.test(header)) return null;
  return header >= structuredErrorsSince ? structuredErrorsSince : null;
}

/** The body of an error, in the shape that the version asks for. */
export function errorBody(error: IdentityError, version: string | null): Record<string, unknown> {
  const weak = error.weakPassword === undefined ? {} : { weak_password: { reasons: error.weakPassword } };
  if (version !== null) return { code: error.code, message: error.message, ...weak };
  return { code: error.status, error_code: error.code, msg: error.message, ...weak };
}
