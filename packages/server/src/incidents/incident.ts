// An incident: alerts that belong together, and what people did about them. Types only: the console reads them too.
import type { Acknowledgement } from "../alerts/alert.ts";

export type IncidentState = "open" | "acknowledged" | "closed";

export interface IncidentEntry {
  readonly at: number;
  readonly kind: "opened" | "alert-added" | "acknowledged" | "closed";
  readonly by: string;
  readonly note: string;
}

export interface Incident {
  readonly id: string;
  readonly state: IncidentState;
  readonly sentence: string;
  readonly severityId: number;
  /** The first evidence event: the response clock starts here. */
  readonly firstEventAt: number;
  readonly openedAt: number;
  /** `firstEventAt` + the policy's target. */
  readonly dueAt: number;
  /** First evidence event to the acknowledgement by a person; null while nobody has acknowledged. */
  readonly responseSeconds: number | null;
  /** True when the acknowledgement came, or is now, later than `dueAt`. */
  readonly late: boolean;
  readonly alerts: readonly string[];
  readonly acknowledgement: Acknowledgement | null;
  readonly closing: Acknowledgement | null;
  readonly timeline: readonly IncidentEntry[];
}

/** The plan's KPI: security incident response time, first evidence event to a person's acknowledgement. */
export interface IncidentResponse {
  readonly targetSeconds: number;
  readonly worstSeconds: number | null;
  readonly acknowledged: number;
  readonly waiting: number;
}
