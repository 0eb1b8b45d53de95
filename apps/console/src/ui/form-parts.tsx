// What every form of the console is made of, so that each behaves alike: fields with their messages, the button, the refusal.
import { plainWords } from "@holdfast/react";
import type { FormEvent, MouseEvent, ReactNode } from "react";
import {
  Button,
  FieldError,
  Form,
  Input,
  Label,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from "react-aria-components";

export interface EntryProps extends Omit<TextFieldProps, "children" | "className"> {
  readonly label: string;
  readonly hint?: string;
  /** More than one line, and how many are shown. */
  readonly rows?: number;
}

/** A labelled text field; its hint and what is wrong with it are read out with it. */
export function Entry({ label, hint, rows, ...field }: EntryProps) {
  return (
    <TextField className="field" {...field}>
      <Label>{label}</Label>
      {rows === undefined ? <Input /> : <TextArea rows={rows} />}
      {hint === undefined ? null : <Text slot="description">{hint}</Text>}
      <FieldError />
    </TextField>
  );
}

export interface SubmitFormProps {
  readonly onSubmit: () => void;
  readonly label?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A form that the page itself sends. What presses a button is told to nobody further out, so the form looks at it on the way in. */
export function SubmitForm({ onSubmit, label, className = "", children }: SubmitFormProps) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Form
      className={className}
      onSubmit={send}
      onMouseDownCapture={keepFocus}
      {...(label === undefined ? {} : { "aria-label": label })}
    >
      {children}
    </Form>
  );
}

export interface SubmitButtonProps {
  readonly isBusy: boolean;
  readonly isDisabled?: boolean;
  readonly children: ReactNode;
}

export function SubmitButton({ isBusy, isDisabled = false, children }: SubmitButtonProps) {
  return (
    <Button className="primary" type="submit" isDisabled={isBusy || isDisabled}>
      {children}
    </Button>
  );
}

/** A field that loses the focus takes its message away; what is pressed would move from under the pointer, and the click be lost. */
function keepFocus(event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest("button, label, [type=checkbox]")) event.preventDefault();
}

export interface FailureProps {
  /** Null while there is none. */
  readonly error: unknown;
  /** Sentences that fit this place better than the usual ones, by code. */
  readonly words?: Readonly<Record<string, string>>;
}

/** Says what went wrong, aloud as well; nothing while there is no error. */
export function Failure({ error, words = {} }: FailureProps) {
  return <div aria-live="polite">{error === null ? null : <p className="problem">{plainWords(error, words)}</p>}</div>;
}
