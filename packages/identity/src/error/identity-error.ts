// A refusal as it leaves identity: one stable code, a status, and both error bodies of Supabase Auth.
import { errorKinds, type IdentityErrorCode } from "./error-code.ts";

export type WeakPasswordReason = "length" | "characters" | "pwned";

/** RFC 6749 §5.2, RFC 6750 §3.1 and RFC 7591 §3.2.2. */
export type OAuthErrorWord =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "invalid_token"
  | "insufficient_scope"
  | "unauthorized_client"
  | "unsupported_grant_type";

interface Particulars {
  /** Instead of the code's usual status. */
  readonly status?: number;
  /** Instead of the code's usual message. Must never contain a secret or say whether an account exists. */
  readonly message?: string;
  readonly weakPassword?: readonly WeakPasswordReason[];
  readonly retryAfterSeconds?: number;
  /** Header fields that go with the refusal. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body is RFC 6749's `{error, error_description}` with this word. */
  readonly oauth?: OAuthErrorWord;
  readonly cause?: unknown;
}

/** Thrown by routes and turned into an answer in one place. */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;
  readonly status: number;
  readonly weakPassword: readonly WeakPasswordReason[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly oauth: OAuthErrorWord | undefined;

  constructor(code: IdentityErrorCode, particulars: Particulars = {}) {
    super(particulars.message ?? errorKinds[code].message, { cause: particulars.cause });
    this.name = "IdentityError";
    this.code = code;
    this.status = particulars.status ?? errorKinds[code].status;
    this.weakPassword = particulars.weakPassword;
    this.retryAfterSeconds = particulars.retryAfterSeconds;
    this.headers = particulars.headers ?? {};
    this.oauth = particulars.oauth;
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
  if (error.oauth !== undefined) return { error: error.oauth, error_description: error.message };
  const weak = error.weakPassword === undefined ? {} : { weak_password: { reasons: error.weakPassword } };
  if (version !== null) return { code: error.code, message: error.message, ...weak };
  return { code: error.status, error_code: error.code, msg: error.message, ...weak };
}
