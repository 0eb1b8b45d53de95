import { plainWords } from "@holdfast/react";
import type { ReactNode } from "react";

interface FailureMessageProps {
  readonly error: unknown;
  /** Sentences that fit this place better than the usual ones, by code. */
  readonly sentences?: Readonly<Record<string, string>>;
}

/** Says what went wrong, aloud as well; nothing while there is no error. */
export function FailureMessage({ error, sentences = {} }: FailureMessageProps): ReactNode {
  return (
    <div className="live" aria-live="assertive">
      {error === null || error === undefined ? null : <p className="failure">{plainWords(error, sentences)}</p>}
    </div>
  );
}
