// What a tab remembers about its session so that it neither asks in vain nor refreshes twice. Holds no secret: only that there
// is a session, and until when its access token is good. Whoever changes it changes what is asked, never what is allowed.

const HINT_KEY = "holdfast.session";

export interface SessionHint {
  /** Milliseconds since 1970 on this machine's clock. */
  readonly accessExpiresAt: number;
  readonly renewedAt: number;
}

export interface SessionHints {
  read(): SessionHint | null;
  write(hint: SessionHint): void;
  clear(): void;
}

/** Hints in `storage` (localStorage, so that tabs see each other's), or in memory where the browser forbids storage. */
export function sessionHints(storage: Storage | null): SessionHints {
  let memory: string | null = null;
  return {
    read: () => parseHint(storage === null ? memory : storage.getItem(HINT_KEY)),
    write(hint) {
      if (storage === null) memory = JSON.stringify(hint);
      else storage.setItem(HINT_KEY, JSON.stringify(hint));
    },
    clear() {
      memory = null;
      storage?.removeItem(HINT_KEY);
    },
  };
}

function parseHint(written: string | null): SessionHint | null {
  if (written === null) return null;
  try {
    const value = JSON.parse(written) as Partial<SessionHint> | null;
    if (typeof value?.accessExpiresAt !== "number" || typeof value.renewedAt !== "number") return null;
    return { accessExpiresAt: value.accessExpiresAt, renewedAt: value.renewedAt };
  } catch {
    // Anything may have written to storage; what we cannot read is treated as absent.
    return null;
  }
}
