/** Every way in which a run of checks can be refused or fail before it says anything about the target. See README.md. */
export type ProbeErrorCode =
  /** The target, or a part of it, is a host that is not on the allow-list. Nothing was sent. */
  | "probes/host-not-allowed"
  /** The origin is not `https://host[:port]`. Nothing was sent. */
  | "probes/origin-invalid"
  /** The target did not answer, or its certificate is not signed by the given authority. */
  | "probes/target-unreachable"
  /** An account of the run could not be made or signed in. */
  | "probes/account-refused"
  /** What must work did not, so a refusal would prove nothing. */
  | "probes/positive-failed"
  /** The check needs a part of the target that was not given, or that the policy does not have. */
  | "probes/nothing-to-attack"
  /** A canary row could not be planted. */
  | "probes/canary-refused"
  /** Something the run made could not be removed. */
  | "probes/left-behind";

/** A check or a run that could not do its work. Never a finding about the target: a check that throws is `unproven`. */
export class ProbeError extends Error {
  readonly code: ProbeErrorCode;
  readonly hint: string;

  constructor(code: ProbeErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ProbeError";
    this.code = code;
    this.hint = hint;
  }
}
