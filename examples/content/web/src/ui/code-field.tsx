import type { ReactNode } from "react";
import { TextField } from "./field.tsx";

const takeFocus = (input: HTMLInputElement | null): void => input?.focus();

/** The six digits of a second factor. Takes the focus, because the form before it is gone. */
export function CodeField(): ReactNode {
  return (
    <TextField
      label="Code"
      hint="Six digits."
      name="code"
      className="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="\d{3} ?\d{3}"
      title="Six digits"
      required
      ref={takeFocus}
    />
  );
}
