/** Why a gateway does not boot. Each code is documented in README.md. */
export type GatewayErrorCode =
  | "gateway/upstream-missing"
  | "gateway/site-missing"
  | "gateway/site-unreadable"
  | "gateway/route-not-named"
  | "gateway/route-conflict"
  | "gateway/route-invalid"
  | "gateway/schema-invalid"
  | "gateway/verifier-missing"
  | "gateway/peer-unchecked";

/** A mistake in what the gateway was given. Thrown at boot only; a hostile request is answered, never thrown. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: GatewayErrorCode;
  readonly hint: string;

  constructor(code: GatewayErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}
