// A refresh token is good for one use, and using it twice ends the session (RFC 9700 §4.14.2). So at most one refresh runs at a
// time: across the calls of a tab by one shared promise, across the tabs of a browser by one Web Lock.
import type { SessionHints } from "./session-hint.ts";

const REFRESH_LOCK = "holdfast.refresh";

/** `ended`: the session is over. `unreachable`: no answer; the session may still live. */
export type RefreshOutcome = "renewed" | "ended" | "unreachable";

/** The part of `navigator.locks` that is needed. */
export interface Locks {
  request<T>(name: string, callback: () => Promise<T>): Promise<T>;
}

export interface SingleRefreshParts {
  readonly exchange: () => Promise<RefreshOutcome>;
  readonly hints: SessionHints;
  readonly now: () => number;
  /** Null where the browser has no Web Locks; then only this tab is kept to one refresh. */
  readonly locks: Locks | null;
}

/** A function that renews the session once for all who call it meanwhile. */
export function createSingleRefresh(parts: SingleRefreshParts): () => Promise<RefreshOutcome> {
  let running: Promise<RefreshOutcome> | null = null;

  async function run(): Promise<RefreshOutcome> {
    const renewedBefore = parts.hints.read()?.renewedAt ?? null;
    const exchangeUnlessRenewed = async (): Promise<RefreshOutcome> => {
      const hint = parts.hints.read();
      const otherTabRenewed = hint !== null && hint.renewedAt !== renewedBefore && hint.accessExpiresAt > parts.now();
      return otherTabRenewed ? "renewed" : parts.exchange();
    };
    return parts.locks === null ? exchangeUnlessRenewed() : parts.locks.request(REFRESH_LOCK, exchangeUnlessRenewed);
  }

  return () => {
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  };
}
