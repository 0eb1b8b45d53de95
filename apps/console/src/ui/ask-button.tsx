// A button that asks before it does something that cannot be taken back.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Failure } from "./form-parts.tsx";

export interface AskButtonProps {
  readonly action: string;
  /** Whom or what it is about, read out with the action where a page has several. */
  readonly about?: string;
  readonly question: string;
  readonly run: () => Promise<unknown>;
  readonly onDone: () => void;
}

export function AskButton({ action, about, question, run, onDone }: AskButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: () => {
      setOpen(false);
      onDone();
    },
  });
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button className="plain" {...(about === undefined ? {} : { "aria-label": `${action}, ${about}` })}>
        {action}
      </Button>
      <ModalOverlay className="veil" isDismissable>
        <Modal className="dialog">
          <Dialog role="alertdialog">
            <Heading slot="title">{action}?</Heading>
            <p>{question}</p>
            <Failure error={mutation.error} />
            <div className="actions">
              <Button className="plain" slot="close">
                Cancel
              </Button>
              <Button className="primary" onPress={() => mutation.mutate()} isDisabled={mutation.isPending}>
                {action}
              </Button>
            </div>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
