import { useCallback, useRef, useState } from "react";
import { ProblemError } from "./problem-error.ts";
import { useProvided } from "./provider.tsx";
import { ReactError } from "./react-error.ts";

export interface StepUp {
  /** A second factor is being asked for: show a field for the code. */
  readonly isRequired: boolean;
  /** Runs `action`; when it is refused for want of a second factor, waits for `verify` and runs it once more. */
  run<T>(action: () => Promise<T>): Promise<T>;
  /** Verifies the code with the account's verified factor. Rejects with ProblemError when it is wrong; then ask again. */
  verify(code: string): Promise<void>;
  /** Gives up: `run` rejects with ReactError `react/step-up-cancelled`. */
  cancel(): void;
}

interface Waiting {
  readonly passed: () => void;
  readonly cancelled: (error: ReactError) => void;
}

/** Asks for the second factor at the moment the server wants it (RFC 9470), instead of at the start. */
export function useStepUp(): StepUp {
  const { holdfast } = useProvided();
  const waiting = useRef<Waiting | null>(null);
  const [isRequired, setRequired] = useState(false);

  const finish = useCallback(() => {
    waiting.current = null;
    setRequired(false);
  }, []);

  const run = useCallback(async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ProblemError && error.isSecondFactorRequired)) throw error;
      await new Promise<void>((passed, cancelled) => {
        waiting.current = { passed, cancelled };
        setRequired(true);
      });
      // The first attempt was refused before it did anything, and the person has just confirmed it: this is a new attempt.
      return action();
    }
  }, []);

  const verify = useCallback(
    async (code: string) => {
      const factor = holdfast.getState().user?.factors?.find((candidate) => candidate.status === "verified");
      if (factor === undefined) throw cancelled("The account has no second factor.", "Set one up on the account page.");
      await holdfast.verifyTotp(factor.id, code);
      waiting.current?.passed();
      finish();
    },
    [holdfast, finish],
  );

  const cancel = useCallback(() => {
    waiting.current?.cancelled(cancelled("The second factor was not given.", "Repeat the action to be asked again."));
    finish();
  }, [finish]);

  return { isRequired, run, verify, cancel };
}

function cancelled(message: string, hint: string): ReactError {
  return new ReactError("react/step-up-cancelled", message, hint);
}
