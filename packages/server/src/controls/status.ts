// The status of a control: computed from evidence, never set. Pure.
import type { CheckObservations } from "../evidence/evidence-row.ts";
import { checkStatus, type Moment } from "./check-status.ts";
import type { ControlStatus, StatusReason } from "./control-status.ts";

/** Longest an exception may last. */
const EXCEPTION_DAYS_MAX = 90;
const DAY_MS = 24 * 60 * 60_000;

/** What the status needs to know of a control. */
export interface ControlRequirement {
  readonly id: string;
  /** Checks that must all hold; without any the control is always unproven. */
  readonly checks: readonly string[];
  readonly intervalSeconds: number;
}

/** Somebody accepts that a control is broken, for a while. */
export interface Exception {
  readonly control: string;
  readonly requester: string;
  readonly approver: string;
  readonly reason: string;
  readonly from: number;
  readonly until: number;
}

/** Somebody decided that a control does not apply here. */
interface ScopeDecision {
  readonly control: string;
  readonly approver: string;
  readonly reason: string;
  /** The decision counts until it is due for review. */
  readonly reviewAt: number;
}

export interface StatusInput extends Moment {
  readonly evidence: ReadonlyMap<string, CheckObservations>;
  readonly exceptions?: readonly Exception[];
  readonly outOfScope?: readonly ScopeDecision[];
}

export interface ComputedStatus {
  readonly status: ControlStatus;
  readonly reasons: readonly StatusReason[];
}

export function statusOfControl(control: ControlRequirement, input: StatusInput): ComputedStatus {
  const scope = input.outOfScope?.find(
    (decision) => decision.control === control.id && isLiveDecision(decision, input.now),
  );
  if (scope !== undefined) {
    const sentence = `${scope.approver} put it out of scope: ${scope.reason}`;
    return { status: "out-of-scope", reasons: [{ code: "out-of-scope", check: null, sentence }] };
  }
  if (control.checks.length === 0) {
    const sentence = "Nothing proves this control yet.";
    return { status: "unproven", reasons: [{ code: "no-check", check: null, sentence }] };
  }
  const checks = control.checks.map((check) =>
    checkStatus(check, input.evidence.get(check), control.intervalSeconds, input),
  );
  const reasons = checks.flatMap((check) => check.reasons);
  if (checks.some((check) => check.status === "broken")) return excused(control, reasons, input);
  if (checks.every((check) => check.status === "held")) return { status: "held", reasons: [] };
  return { status: "unproven", reasons };
}

/** Broken, unless a live exception covers it; why it is broken stays in the reasons. */
function excused(control: ControlRequirement, reasons: readonly StatusReason[], input: StatusInput): ComputedStatus {
  const exception = input.exceptions?.find((each) => each.control === control.id && isLiveException(each, input.now));
  if (exception === undefined) return { status: "broken", reasons };
  const sentence = `${exception.approver} accepts it until ${new Date(exception.until).toISOString()}: ${exception.reason}`;
  return { status: "excepted", reasons: [{ code: "excepted", check: null, sentence }, ...reasons] };
}

function isLiveException(exception: Exception, now: number): boolean {
  const { requester, approver, reason, from, until } = exception;
  const isSigned = approver !== "" && requester !== "" && approver !== requester && reason !== "";
  return isSigned && from <= now && now < until && until - from <= EXCEPTION_DAYS_MAX * DAY_MS;
}

function isLiveDecision(decision: ScopeDecision, now: number): boolean {
  return decision.approver !== "" && decision.reason !== "" && now < decision.reviewAt;
}
