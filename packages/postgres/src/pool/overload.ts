// Tells that a pool refuses requests: at once, and then once a second with how many there were, so that an overload does not become
// a flood of events as well.

/** A pool refuses requests. */
export interface OverloadEvent {
  readonly name: "database.overloaded";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
  readonly detail: Readonly<Record<string, string>>;
}

const INTERVAL_MS = 1_000;

export class Overload {
  readonly #purpose: string;
  readonly #now: () => number;
  readonly #emit: (event: OverloadEvent) => void;
  #toldAt = Number.NEGATIVE_INFINITY;
  #refused = 0;

  constructor(purpose: string, now: () => number, emit: (event: OverloadEvent) => void) {
    this.#purpose = purpose;
    this.#now = now;
    this.#emit = emit;
  }

  /** One more request was refused. */
  note(): void {
    this.#refused += 1;
    const at = this.#now();
    if (at - this.#toldAt < INTERVAL_MS && at >= this.#toldAt) return;
    this.#emit({
      name: "database.overloaded",
      at,
      reason: "pool-full",
      detail: { pool: this.#purpose, refused: String(this.#refused) },
    });
    this.#toldAt = at;
    this.#refused = 0;
  }
}
