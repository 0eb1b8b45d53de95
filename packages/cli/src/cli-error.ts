// A misuse of the command line, or a project that cannot be used. Always says what was expected, what was found, and a hint.

export type CliErrorCode =
  | "cli/unknown-command"
  | "cli/unknown-option"
  | "cli/project-missing"
  | "cli/project-invalid"
  | "cli/already-running"
  | "cli/not-running"
  | "cli/data-unwritable"
  | "cli/postgresql-ended"
  | "cli/site-build-failed"
  | "cli/target-refused"
  | "cli/unknown-control"
  | "cli/failover-elsewhere"
  | "cli/port-invalid"
  | "cli/replica-invalid"
  | "cli/trust-failed"
  | "cli/administrator-unclear"
  | "cli/address-invalid"
  | "cli/mail-incomplete"
  | "cli/secret-on-command-line"
  | "cli/secret-invalid"
  | "cli/secret-same"
  | "cli/consent-missing"
  | "cli/key-unclear"
  | "cli/column-unclear"
  | "cli/unknown-rule"
  | "cli/export-refused";

export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly hint: string;

  constructor(code: CliErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CliError";
    this.code = code;
    this.hint = hint;
  }
}

/** Exit codes of every command: 0 all held, 1 broken, 2 unproven, 3 misuse or failure. */
export const exitCodes = { held: 0, broken: 1, unproven: 2, misuse: 3 } as const;
