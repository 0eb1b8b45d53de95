// Decides who may wait for a connection, and keeps how long people waited. A pool that lets everybody wait answers nobody in time:
// who could not be served before its limit is refused at once, while those already waiting still are.

/** What a pool allows. */
export interface AdmissionLimits {
  readonly connectionsMax: number;
  readonly queueMax: number;
  readonly queueTimeoutMs: number;
}

/** How long requests waited for a connection since the pool was made: a histogram as Prometheus counts it. */
export interface WaitTimes {
  readonly count: number;
  readonly sumMs: number;
  /** Requests that waited at most the boundary of the same index (`WAIT_BOUNDARIES_MS`). */
  readonly atMost: readonly number[];
}

/** Upper boundaries in milliseconds. */
export const WAIT_BOUNDARIES_MS = [1, 5, 25, 100, 500, 2_500] as const;

/** Weight of the newest request in the running mean of how long a connection is held. */
const MEAN_WEIGHT = 0.05;
const SECOND_MS = 1_000;

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #atMost = WAIT_BOUNDARIES_MS.map(() => 0);
  #count = 0;
  #sumMs = 0;
  #heldMs: number | undefined;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Why a request may not wait behind so many others; undefined when it may. */
  refusal(waiting: number): string | undefined {
    const { queueMax, queueTimeoutMs } = this.#limits;
    if (waiting >= queueMax) return `${queueMax} requests waiting`;
    const expectedMs = this.expectedWaitMs(waiting);
    if (waiting > 0 && expectedMs > queueTimeoutMs) return `a wait of ${Math.round(expectedMs)} ms`;
    return undefined;
  }

  /** What the request behind so many others would wait, by how long connections were held lately. */
  expectedWaitMs(waiting: number): number {
    return ((this.#heldMs ?? 0) * (waiting + 1)) / this.#limits.connectionsMax;
  }

  /** When to come again, in whole seconds (RFC 9110 §10.2.3). */
  retryAfterS(waiting: number): number {
    const { queueTimeoutMs } = this.#limits;
    return Math.max(1, Math.ceil(Math.min(this.expectedWaitMs(waiting), queueTimeoutMs) / SECOND_MS));
  }

  noteWait(waitedMs: number): void {
    this.#count += 1;
    this.#sumMs += waitedMs;
    for (const [index, boundary] of WAIT_BOUNDARIES_MS.entries()) {
      if (waitedMs <= boundary) this.#atMost[index] = (this.#atMost[index] as number) + 1;
    }
  }

  noteHeld(heldMs: number): void {
    this.#heldMs = this.#heldMs === undefined ? heldMs : this.#heldMs + (heldMs - this.#heldMs) * MEAN_WEIGHT;
  }

  get waitTimes(): WaitTimes {
    return { count: this.#count, sumMs: this.#sumMs, atMost: [...this.#atMost] };
  }
}
