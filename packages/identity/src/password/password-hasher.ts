// Hashing passwords with argon2id, few at a time: a flood of sign-ins waits here and is turned away here, and everything that
// hashes nothing (refresh, user, keys) stays fast.
import { availableParallelism } from "node:os";
import { hash } from "@node-rs/argon2";
import { IdentityError } from "../error/identity-error.ts";
import { compareHash } from "./compare-hash.ts";
import { createDecoys, type Decoys } from "./decoys.ts";
import { isTooLong, normalisePassword } from "./password-policy.ts";
import { type HashCost, isCurrent, readStoredHash } from "./stored-hash.ts";

export interface HashQueueLimits {
  /** Hashes computed at the same time. */
  readonly runningMax: number;
  /** Callers that may wait; the next one is refused with over_capacity. */
  readonly waitingMax: number;
}

export interface PasswordHasher {
  /** @throws IdentityError over_capacity */
  hash(password: string): Promise<string>;
  /**
   * Compares with the stored hash; with none, or one that is no hash, does the work that the address's decoy takes and answers
   * false. `given` is what was typed: it counts as it is and in its normal form (NFKC), because other systems hash the former.
   * @throws IdentityError over_capacity
   */
  verify(stored: string | null, given: string, address?: string): Promise<boolean>;
  /** Does the hash have the scheme and the cost that a new one would have? */
  isCurrent(stored: string): boolean;
  readonly decoys: Decoys;
}

/** OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane. */
export const usualHashCost: HashCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

/** At least two of libuv's four threads stay free for files, names and signatures. */
const hashesAtOnceMax = 2;

/** One processor is left to those who hash nothing: refreshes are answered while a flood of sign-ins waits (bench/identity-flood.ts). */
export const defaultHashQueueLimits: HashQueueLimits = {
  runningMax: Math.max(1, Math.min(hashesAtOnceMax, availableParallelism() - 1)),
  waitingMax: 128,
};

/** A queue in front of the threads that hash. `cost` is what new hashes cost. */
export function createPasswordHasher(
  limits: HashQueueLimits = defaultHashQueueLimits,
  cost: HashCost = usualHashCost,
): PasswordHasher {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= limits.runningMax) {
      if (waiting.length >= limits.waitingMax) throw new IdentityError("over_capacity", { retryAfterSeconds: 1 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // The place is handed on, not given back, so that nobody can slip in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  const parameters = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: cost.lanes };
  const decoys = createDecoys(cost);
  return {
    decoys,
    hash: (password) => inTurn(() => hash(password, parameters)),
    isCurrent: (stored) => {
      const known = readStoredHash(stored);
      return known !== null && isCurrent(known, cost);
    },
    verify: (stored, given, address = "") =>
      inTurn(async () => {
        const known = stored === null ? null : readStoredHash(stored);
        const compared = known ?? decoys.for(address);
        let matches = false;
        // Each spelling is compared, also after a match: how long it takes depends on what was typed and on nothing else.
        for (const spelling of spellings(given)) matches = (await compareHash(compared, spelling)) || matches;
        return known !== null && matches;
      }),
  };
}

/** No password that is stored is as long as one that is too long, so there is nothing to compare; the work is the same. */
function spellings(given: string): ReadonlySet<string> {
  const normal = normalisePassword(given);
  return new Set(isTooLong(normal) || isTooLong(given) ? [""] : [normal, given]);
}
