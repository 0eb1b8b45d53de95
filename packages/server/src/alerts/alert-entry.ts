// The entries of the alert log: everything that ever happens to an alert. Alerts are computed from these and from nothing else.
import type { AlertRule, AlertScope } from "./alert.ts";

interface Signed {
  readonly id: string;
  readonly at: number;
  /** Account id of the person. */
  readonly by: string;
  readonly email: string | null;
  readonly note: string;
}

export type AlertEntry =
  | {
      readonly kind: "raised";
      readonly id: string;
      readonly incident: string;
      readonly rule: AlertRule;
      readonly scope: AlertScope;
      readonly group: string;
      readonly sentence: string;
      readonly severityId: number;
      readonly firstEventAt: number;
      readonly lastEventAt: number;
      readonly evidence: readonly number[];
      readonly at: number;
      /** The event log had been read up to here. */
      readonly through: number;
    }
  | {
      readonly kind: "repeated";
      readonly id: string;
      readonly lastEventAt: number;
      readonly at: number;
      readonly through: number;
    }
  | ({ readonly kind: "acknowledged" } & Signed)
  | ({ readonly kind: "closed" } & Signed)
  /** Detection had read the event log up to here and needs nothing older again. */
  | { readonly kind: "checkpoint"; readonly at: number; readonly through: number };
