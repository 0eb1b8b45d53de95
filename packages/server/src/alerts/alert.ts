// An alert: a rule was reached, and somebody should look. Types only: the console reads them too.

import type { Finding } from "../detection/finding.ts";

/** Who acknowledged or closed, when, and what they wrote. */
export interface Acknowledgement {
  /** The account id of the person. */
  readonly by: string;
  /** The e-mail address, where the token carries one. */
  readonly email: string | null;
  readonly at: number;
  readonly note: string;
}

export type AlertRule = Finding["rule"];
export type AlertScope = Finding["scope"];
export type AlertState = "open" | "acknowledged" | "closed";

export interface Alert {
  readonly id: string;
  /** Same fingerprint, same alert: rule, scope and group. */
  readonly fingerprint: string;
  readonly rule: AlertRule;
  /** What the alert counts over: everything, or one address, account or check. */
  readonly scope: AlertScope;
  /** The address, account or check; "" when overall. */
  readonly group: string;
  readonly sentence: string;
  readonly severityId: number;
  readonly state: AlertState;
  readonly firstEventAt: number;
  readonly lastEventAt: number;
  readonly raisedAt: number;
  /** In how many further windows the rule was reached while the alert was not closed. */
  readonly repeats: number;
  /** Sequence numbers of the events that reached the threshold, at most 50. */
  readonly evidence: readonly number[];
  readonly incident: string | null;
  readonly acknowledgement: Acknowledgement | null;
}
