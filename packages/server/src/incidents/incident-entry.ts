// The entries of the incident log: everything that ever happens to an incident.

interface Signed {
  readonly id: string;
  readonly at: number;
  /** Account id of the person. */
  readonly by: string;
  readonly email: string | null;
  readonly note: string;
}

export type IncidentLogEntry =
  | {
      readonly kind: "opened";
      readonly id: string;
      readonly alert: string;
      readonly rule: string;
      readonly sentence: string;
      readonly severityId: number;
      readonly firstEventAt: number;
      readonly lastEventAt: number;
      /** `firstEventAt` + the target of the policy that was in force. */
      readonly dueAt: number;
      readonly at: number;
    }
  | {
      readonly kind: "alert-added";
      readonly id: string;
      readonly alert: string;
      readonly severityId: number;
      readonly firstEventAt: number;
      readonly lastEventAt: number;
      readonly at: number;
    }
  | ({ readonly kind: "acknowledged" } & Signed)
  | ({ readonly kind: "closed" } & Signed);
