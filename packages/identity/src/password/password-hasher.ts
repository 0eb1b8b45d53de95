// Hashing passwords with argon2id, few at a time: a flood of sign-ins waits here and is turned away here, and everything that
// hashes nothing (refresh, user, keys) stays fast.
import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { IdentityError } from "../error/identity-error.ts";

export interface HashQueueLimits {
  /** Hashes computed at the same time. */
  readonly runningMax: number;
  /** Callers that may wait; the next one is refused with over_capacity. */
  readonly waitingMax: number;
}

export interface PasswordHasher {
  /** @throws IdentityError over_capacity */
  hash(password: string): Promise<string>;
  /** Compares with the stored hash; with none, does the same work for nothing and answers false. @throws IdentityError over_capacity */
  verify(stored: string | null, password: string): Promise<boolean>;
}

/** OWASP Password Storage Cheat Sheet: argon2id (the library's default algorithm), 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const decoyBytes = 32;

/** Two of libuv's four threads stay free for files, names and signatures. */
export const defaultHashQueueLimits: HashQueueLimits = { runningMax: 2, waitingMax: 128 };

/** A queue in front of the threads that hash. */
export async function createPasswordHasher(limits: HashQueueLimits = defaultHashQueueLimits): Promise<PasswordHasher> {
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

  // What an unknown account's password is compared with: nobody knows the password of this hash.
  const decoy = await hash(randomBytes(decoyBytes), parameters);
  return {
    hash: (password) => inTurn(() => hash(password, parameters)),
    verify: (stored, password) =>
      inTurn(async () => {
        const matches = await verify(stored ?? decoy, password);
        return stored !== null && matches;
      }),
  };
}
