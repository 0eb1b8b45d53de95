import type { Policy } from "@holdfast/policy";
import { createHoldfast, type Holdfast } from "../holdfast.ts";
import { IdentityInMemory } from "./identity-in-memory.ts";
import { policyForTest } from "./policy-for-test.ts";

/** Storage as a browser's, shared by the tabs that are given it. */
export function storageForTest(): Storage {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    clear: () => values.clear(),
    getItem: (key) => values.get(key) ?? null,
    key: (index) => [...values.keys()][index] ?? null,
    removeItem: (key) => void values.delete(key),
    setItem: (key, value) => void values.set(key, value),
  };
}

export interface BrowserForTest {
  readonly identity: IdentityInMemory;
  readonly clock: { now: number };
  readonly waited: number[];
  /** Opens another tab of the same browser, of another policy's application when one is given. */
  openTab(policy?: Policy): Holdfast;
}

/** A browser with a stopped clock, whose tabs share storage, locks and cookies. */
export function browserForTest(account: { roles?: string[]; hasFactor?: boolean } = {}): BrowserForTest {
  const clock = { now: 1_800_000_000_000 };
  const identity = new IdentityInMemory(() => clock.now, account);
  const storage = storageForTest();
  const waited: number[] = [];
  let lock: Promise<unknown> = Promise.resolve();
  const locks = {
    async request<T>(_name: string, callback: () => Promise<T>): Promise<T> {
      const before = lock;
      let unlock = (): void => undefined;
      lock = new Promise<void>((resolve) => {
        unlock = resolve;
      });
      await before;
      try {
        return await callback();
      } finally {
        unlock();
      }
    },
  };
  const openTab = (policy: Policy = policyForTest) =>
    createHoldfast({
      policy,
      site: "app",
      surroundings: {
        fetch: identity.fetch,
        origin: "https://app.test",
        now: () => clock.now,
        wait: (ms) => {
          waited.push(ms);
          return Promise.resolve();
        },
        storage,
        locks,
        Channel: globalThis.BroadcastChannel,
        focus: new EventTarget(),
      },
    });
  return { identity, clock, waited, openTab };
}
