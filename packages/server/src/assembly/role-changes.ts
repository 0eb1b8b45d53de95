// Accounts that were given a role lately. Their access tokens say too little until they are refreshed; whoever presents one gets
// it exchanged on its way in, so that a right counts from the next request on. What is taken away ends the session instead.

/** The token that was presented, as verified. */
export interface PresentedToken {
  readonly subject: {
    readonly id: string | null;
    readonly sessionId: string | null;
    readonly assurance: "aal1" | "aal2";
  };
  readonly claims: { readonly iat?: number };
}

export interface RoleChanges {
  add(userId: string, at: number): void;
  /** Null when the token says all there is to say; else a newer one of its session, or null when the session is over. */
  renew(token: PresentedToken): Promise<string | null> | null;
  readonly size: number;
}

export interface RoleChangesOptions {
  readonly now: () => number;
  /** The longest life of an access token. */
  readonly lifetimeMs: number;
  readonly currentToken: (sessionId: string, assurance: "aal1" | "aal2") => Promise<string | null>;
}

/** Entries after which those that are over are swept out. */
const SWEEP_ENTRIES = 1_000;
const MS_PER_SECOND = 1000;

interface Change {
  readonly at: number;
  /** Newer tokens by session and assurance: one is signed once. */
  readonly tokens: Map<string, Promise<string | null>>;
}

export function createRoleChanges({ now, lifetimeMs, currentToken }: RoleChangesOptions): RoleChanges {
  const changes = new Map<string, Change>();
  let sweepAt = SWEEP_ENTRIES;
  const isOver = (change: Change): boolean => change.at + lifetimeMs + MS_PER_SECOND < now();
  return {
    add(userId, at) {
      changes.set(userId, { at, tokens: new Map() });
      if (changes.size < sweepAt) return;
      for (const [id, change] of changes) if (isOver(change)) changes.delete(id);
      sweepAt = Math.max(SWEEP_ENTRIES, changes.size * 2);
    },
    renew({ subject: { id, sessionId, assurance }, claims }) {
      const change = id === null ? undefined : changes.get(id);
      if (change === undefined || sessionId === null || isOver(change)) return null;
      // `iat` is in whole seconds: a token of the same second may be older than the change.
      if ((claims.iat ?? 0) * MS_PER_SECOND > change.at) return null;
      const key = `${sessionId} ${assurance}`;
      const known = change.tokens.get(key);
      if (known !== undefined) return known;
      const renewed = currentToken(sessionId, assurance).catch(() => {
        // The old token is still valid and says less: whoever asks again may be luckier.
        change.tokens.delete(key);
        return null;
      });
      change.tokens.set(key, renewed);
      return renewed;
    },
    get size() {
      return changes.size;
    },
  };
}
