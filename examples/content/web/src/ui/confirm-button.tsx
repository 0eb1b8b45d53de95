import { type ReactNode, useId, useRef } from "react";
import { FailureMessage } from "./failure-message.tsx";
import { useSubmit } from "./use-submit.ts";

export interface ConfirmButtonProps {
  /** On the button that opens the question. */
  readonly label: string;
  readonly question: string;
  readonly consequence: string;
  /** On the button that does it. */
  readonly confirm: string;
  readonly onConfirm: () => Promise<void>;
}

/** A button that asks before it does what cannot be undone. A native modal dialog keeps the focus and closes on Escape. */
export function ConfirmButton(props: ConfirmButtonProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close = () => dialog.current?.close();
  const submit = useSubmit(async () => {
    await props.onConfirm();
    close();
  });

  return (
    <>
      <button type="button" className="danger" onClick={() => dialog.current?.showModal()}>
        {props.label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <form onSubmit={submit.onSubmit}>
          <h2 id={titleId}>{props.question}</h2>
          <p>{props.consequence}</p>
          <FailureMessage error={submit.error} />
          <div className="actions">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" className="danger filled" disabled={submit.isBusy}>
              {props.confirm}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
