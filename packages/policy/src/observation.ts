// What a check saw. The only thing that becomes evidence, and so the only source of a control's status.

/** `unproven`: the check errored, could not reach the target, or looked at nothing. */
export type Result = "held" | "broken" | "unproven";

/** One exchange of an attack: what was sent, what a sound system answers, what came back. Secrets are redacted by the check. */
export interface Exchange {
  readonly request: string;
  readonly expected: string;
  readonly got: string;
  /** The recorded event that was found for this exchange, where one was promised. */
  readonly event?: string;
}

/** One run of one check, against the target or against a broken twin of it. */
export interface Observation {
  /** The check's id: an id of the attack list such as `JWT-01`, or a word of our own such as `matrix-routes`. */
  readonly check: string;
  /** Hash of the check's source text: a changed check needs new evidence. */
  readonly version: string;
  readonly result: Result;
  /** How many attempts the check made against the target, positive controls apart. 0 is never `held`. */
  readonly looked: number;
  /** One sentence for people. */
  readonly seen: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly policyHash: string;
  /** The origin that was attacked. */
  readonly target: string;
  readonly transcript: readonly Exchange[];
  /** Set when the target was a broken twin: `caught` when the check turned red there, as it must. */
  readonly sabotage?: { readonly name: string; readonly result: "caught" | "missed" | "unproven" };
}
