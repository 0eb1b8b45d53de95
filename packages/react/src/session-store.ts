// The one place that holds what is known about the session, and tells who listens. Knows no network.
import type { Assurance } from "@holdfast/policy";
import { type AuthState, stateWith, stateWithout, type User } from "./auth-state.ts";
import type { SessionHints } from "./session-hint.ts";

const MS_PER_SECOND = 1000;

export interface SessionStore {
  getState(): AuthState;
  subscribe(listener: () => void): () => void;
  /** A session began. */
  opened(user: User, expiresInSeconds: number, assurance: Assurance): void;
  /** The session has a new access token; its assurance is what it was. */
  renewed(user: User, expiresInSeconds: number): void;
  /** The account was read again. */
  changed(user: User, assurance: Assurance): void;
  ended(): void;
  unreachable(): void;
  accessExpiresAt(): number | null;
}

export function createSessionStore(hints: SessionHints, now: () => number): SessionStore {
  let state: AuthState = stateWithout("loading");
  const listeners = new Set<() => void>();
  const become = (next: AuthState) => {
    state = next;
    for (const listener of listeners) listener();
  };
  const remember = (expiresInSeconds: number) => {
    const renewedAt = now();
    hints.write({ accessExpiresAt: renewedAt + expiresInSeconds * MS_PER_SECOND, renewedAt });
  };
  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    opened(user, expiresInSeconds, assurance) {
      remember(expiresInSeconds);
      become(stateWith(user, assurance));
    },
    renewed(user, expiresInSeconds) {
      remember(expiresInSeconds);
      // While loading the assurance is not known yet, so this is no reason to show anything.
      if (state.status === "signed-in") become(stateWith(user, state.assurance));
    },
    changed: (user, assurance) => become(stateWith(user, assurance)),
    ended() {
      hints.clear();
      become(stateWithout("signed-out"));
    },
    unreachable: () => become(stateWithout("unreachable")),
    accessExpiresAt: () => hints.read()?.accessExpiresAt ?? null,
  };
}
