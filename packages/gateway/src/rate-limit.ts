// GCRA: one number per key (the theoretical arrival time), no burst at the edge of a window, bounded memory.
import type { Limit } from "@holdfast/policy";

const MILLISECONDS_PER_SECOND = 1000;
/** How many of the oldest keys are compared when the table is full and one must go. */
const EVICTION_SAMPLE_KEYS = 16;
/** The fraction of a request that rounding may give away. */
const ROUNDING_REQUESTS = 0.01;
const KEYS_MAX_DEFAULT = 50_000;

/** What a limiter says to one request. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limiter: RateLimiter;
  /** Requests that would be allowed right now after this one. */
  readonly remaining: number;
  /** Allowed: seconds until the whole quota is there again. Refused: seconds until one request would be allowed. */
  readonly resetSeconds: number;
}

export class RateLimiter {
  /** The policy's name in the RateLimit fields. */
  readonly name: string;
  /** The value of RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers). */
  readonly policyField: string;
  readonly #fieldPrefix: string;
  readonly #intervalMs: number;
  readonly #windowMs: number;
  readonly #keysMax: number;
  /** Moments are counted from the first one: a double keeps the fractions of small numbers. */
  #epochMs = Number.NaN;
  readonly #arrivals = new Map<string, number>();

  constructor(name: string, limit: Limit, keysMax: number = KEYS_MAX_DEFAULT) {
    this.name = name;
    this.policyField = `"${name}";q=${limit.requests};w=${limit.windowSeconds}`;
    this.#fieldPrefix = `"${name}";r=`;
    this.#windowMs = limit.windowSeconds * MILLISECONDS_PER_SECOND;
    this.#intervalMs = this.#windowMs / limit.requests;
    this.#keysMax = keysMax;
  }

  /** The value of the RateLimit field for an allowance. */
  field(allowance: Allowance): string {
    return `${this.#fieldPrefix}${allowance.remaining};t=${allowance.resetSeconds}`;
  }

  /** Charges one request to the key. `now` is milliseconds since 1970. A refused request costs nothing. */
  take(key: string, now: number): Allowance {
    const moment = this.#momentOf(now);
    const arrival = this.#arrival(key, moment) + this.#intervalMs;
    const debtMs = arrival - moment;
    if (this.#isTooMuch(debtMs)) return this.#refused(debtMs);
    if (this.#arrivals.size >= this.#keysMax && !this.#arrivals.has(key)) this.#evict(moment);
    this.#arrivals.set(key, arrival);
    return {
      allowed: true,
      limiter: this,
      remaining: Math.floor((this.#windowMs - debtMs) / this.#intervalMs + ROUNDING_REQUESTS),
      resetSeconds: Math.ceil(debtMs / MILLISECONDS_PER_SECOND),
    };
  }

  /** Whether the key has nothing left, without charging it. */
  exhausted(key: string, now: number): Allowance | null {
    const moment = this.#momentOf(now);
    const debtMs = this.#arrival(key, moment) + this.#intervalMs - moment;
    return this.#isTooMuch(debtMs) ? this.#refused(debtMs) : null;
  }

  /** How many keys are remembered; never more than the bound. */
  get size(): number {
    return this.#arrivals.size;
  }

  #momentOf(now: number): number {
    if (Number.isNaN(this.#epochMs)) this.#epochMs = now;
    return now - this.#epochMs;
  }

  #isTooMuch(debtMs: number): boolean {
    return debtMs > this.#windowMs + this.#intervalMs * ROUNDING_REQUESTS;
  }

  #arrival(key: string, now: number): number {
    const stored = this.#arrivals.get(key);
    // Nothing that is charged lies further ahead than one window: such a moment is from before the clock jumped back, and
    // keeping it would lock the caller out for as long as the clock was ahead.
    return stored === undefined || stored <= now || stored > now + this.#windowMs + this.#intervalMs ? now : stored;
  }

  #refused(debtMs: number): Allowance {
    const waitMs = debtMs - this.#windowMs;
    const resetSeconds = Math.max(1, Math.ceil(waitMs / MILLISECONDS_PER_SECOND));
    return { allowed: false, limiter: this, remaining: 0, resetSeconds };
  }

  // Full: of the oldest few, forget the one that would be forgiven first. A caller who floods us with keys thereby
  // mostly evicts keys of the flood.
  #evict(now: number): void {
    let victim: string | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    let looked = 0;
    for (const [key, arrival] of this.#arrivals) {
      if (arrival < earliest) {
        earliest = arrival;
        victim = key;
      }
      looked += 1;
      if (arrival <= now || looked >= EVICTION_SAMPLE_KEYS) break;
    }
    if (victim !== undefined) this.#arrivals.delete(victim);
  }
}
