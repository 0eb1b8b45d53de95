// Every error this package throws, with its stable code. It says what was expected and found, and gives a hint; never a secret.

export type ServerErrorCode =
  /** The port is taken by another program. */
  | "server/port-busy"
  /** The port or address cannot be listened on. */
  | "server/listen-failed"
  /** The mail settings cannot be used. */
  | "server/mail-invalid"
  /** The policy sends codes by text message, and the deployment has nobody who carries them. */
  | "server/text-messages-invalid"
  | "server/text-messages-uncarried"
  /** The policy names a sign-in provider whose client secret is nowhere. */
  | "server/provider-secret-missing"
  /** The policy names a route of the platform that no handler exists for, or a handler exists for a route it does not name. */
  | "server/route-mismatch"
  /** The deployment lacks a service or site that the policy names, or brings one that it does not. */
  | "server/deployment-mismatch"
  /** A service of the deployment did not start. */
  | "server/service-failed";

/** The platform cannot start. Nothing is left running. */
export class ServerError extends Error {
  readonly code: ServerErrorCode;
  readonly hint: string;

  constructor(code: ServerErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ServerError";
    this.code = code;
    this.hint = hint;
  }
}
