import { type FormEvent, useRef, useState } from "react";

export interface Submit {
  readonly isBusy: boolean;
  readonly error: unknown;
  onSubmit(event: FormEvent<HTMLFormElement>): void;
}

/** Runs `action` with the form's values, one at a time; keeps the error for the form to show. */
export function useSubmit(action: (values: FormData, form: HTMLFormElement) => Promise<void>): Submit {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const running = useRef(false);

  const run = async (form: HTMLFormElement) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await action(new FormData(form), form);
    } catch (failure) {
      // Shown beside the form by FailureMessage.
      setError(failure);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return {
    isBusy,
    error,
    onSubmit(event) {
      event.preventDefault();
      void run(event.currentTarget);
    },
  };
}

/** A form's text value; "" when the field is absent. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}
