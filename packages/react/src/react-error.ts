/** Every error code this package makes itself. Codes of refusals by the server are the server's own, see `ProblemError`. */
export type ReactErrorCode =
  | "react/no-provider"
  | "react/cross-origin"
  | "react/unreachable"
  | "react/bad-answer"
  | "react/site-unknown"
  | "react/flow-unknown"
  | "react/step-up-cancelled"
  | "react/passkey-unsupported"
  | "react/passkey-cancelled"
  | "react/hosted"
  | "react/passkey-known";

/** A failure of the browser side: wrong use, or a server that could not be reached. Never holds a secret. */
export class ReactError extends Error {
  readonly code: ReactErrorCode;
  readonly hint: string;

  constructor(code: ReactErrorCode, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "ReactError";
    this.code = code;
    this.hint = hint;
  }
}
