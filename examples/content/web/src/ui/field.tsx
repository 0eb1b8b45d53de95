import { type ComponentProps, type ReactNode, useId } from "react";

interface FieldParts {
  readonly label: string;
  readonly hint?: string;
}

/** A labelled text field; the hint is read out with it. */
export function TextField({ label, hint, ...input }: FieldParts & ComponentProps<"input">): ReactNode {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-describedby={hint === undefined ? undefined : hintId} {...input} />
      {hint === undefined ? null : (
        <p className="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextArea({ label, ...area }: { readonly label: string } & ComponentProps<"textarea">): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} {...area} />
    </div>
  );
}

export function SelectField({ label, hint, ...select }: FieldParts & ComponentProps<"select">): ReactNode {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} aria-describedby={hint === undefined ? undefined : hintId} {...select} />
      {hint === undefined ? null : (
        <p className="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}
