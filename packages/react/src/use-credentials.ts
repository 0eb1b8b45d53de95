import { useCallback, useEffect, useState } from "react";
import type { Passkey, RecoveryCodesStatus } from "./credential-client.ts";
import { ProblemError } from "./problem-error.ts";
import { useProvided } from "./provider.tsx";

/** Something identity was asked for. */
export interface Asked<T> {
  /** Null until it is known. */
  readonly value: T | null;
  readonly error: unknown;
  /** Asks again. */
  reload(): Promise<void>;
}

function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const reload = useCallback(
    () =>
      ask().then(
        (answer) => {
          setValue(answer);
          setError(null);
        },
        (failure: unknown) => {
          // Shown by the component; what it had may be out of date, so it goes.
          setValue(null);
          setError(failure);
        },
      ),
    [ask],
  );
  useEffect(() => {
    void reload();
  }, [reload]);
  return { value, error, reload };
}

/** The passkeys of the account that is signed in. */
export function usePasskeys(): Asked<readonly Passkey[]> {
  const { holdfast } = useProvided();
  return useAsked(holdfast.listPasskeys);
}

const none: RecoveryCodesStatus = { total: 0, remaining: 0 };

/** How many recovery codes are left; none of none for an account without any. */
export function useRecoveryCodesStatus(): Asked<RecoveryCodesStatus> {
  const { holdfast } = useProvided();
  const ask = useCallback(async () => {
    // The account says whether there are any; asking for what is not there would look like a failure in the browser's log.
    const { user } = await holdfast.ready();
    if (!(user?.factors ?? []).some((factor) => factor.factor_type === "recovery_code")) return none;
    try {
      return await holdfast.recoveryCodesStatus();
    } catch (error) {
      // Removed in another tab since: having none is an answer, not a failure.
      if (error instanceof ProblemError && error.code === "mfa_factor_not_found") return none;
      throw error;
    }
  }, [holdfast]);
  return useAsked(ask);
}
