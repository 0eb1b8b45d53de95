import { useCallback, useEffect, useState } from "react";
import type { Session } from "./identity-client.ts";
import { useProvided } from "./provider.tsx";

export interface Sessions {
  /** The account's sessions, or null until they are known. */
  readonly list: readonly Session[] | null;
  readonly error: unknown;
  /** Ends one session. Rejects with ProblemError when identity refuses. */
  revoke(sessionId: string): Promise<void>;
  /** Reads the list again. */
  reload(): Promise<void>;
}

/** The sessions of the account that is signed in, and how to end them. */
export function useSessions(): Sessions {
  const { holdfast } = useProvided();
  const [list, setList] = useState<readonly Session[] | null>(null);
  const [error, setError] = useState<unknown>(null);

  const reload = useCallback(
    () =>
      holdfast.listSessions().then(
        (sessions) => {
          setList(sessions);
          setError(null);
        },
        (failure: unknown) => {
          // Shown by the component; the list it had may be out of date, so it goes.
          setList(null);
          setError(failure);
        },
      ),
    [holdfast],
  );

  const revoke = useCallback(
    async (sessionId: string) => {
      await holdfast.revokeSession(sessionId);
      await reload();
    },
    [holdfast, reload],
  );

  useEffect(() => {
    void reload();
  }, [reload]);
  return { list, error, revoke, reload };
}
