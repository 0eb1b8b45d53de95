import { type Authenticators, browserAuthenticators } from "./ceremony.ts";
import type { Locks } from "./single-refresh.ts";

/** Everything this package takes from a browser, in one place, so that it can be given something else. */
export interface Surroundings {
  readonly fetch: typeof fetch;
  /** This page's origin. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly storage: Storage | null;
  readonly Channel: typeof BroadcastChannel | undefined;
  readonly locks: Locks | null;
  /** Where focus events arrive. */
  readonly focus: EventTarget | null;
  /** Where passkeys and security keys are; null where the browser has no WebAuthn. */
  readonly authenticators?: Authenticators | null;
}

export function browserSurroundings(): Surroundings {
  return {
    fetch: (input, init) => globalThis.fetch(input, init),
    origin: globalThis.location.origin,
    now: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    storage: usableStorage(),
    Channel: globalThis.BroadcastChannel,
    locks: browserLocks(),
    focus: globalThis.window,
    authenticators: browserAuthenticators(),
  };
}

/** Reading `localStorage` throws where the person has forbidden storage; then each tab remembers for itself. */
function usableStorage(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

function browserLocks(): Locks | null {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (locks === undefined) return null;
  return { request: <T>(name: string, callback: () => Promise<T>) => locks.request(name, callback) as Promise<T> };
}
