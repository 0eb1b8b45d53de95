// A button that asks before it does something that cannot be taken back.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";

export interface AskButtonProps {
  readonly action: string;
  readonly question: string;
  readonly run: () => Promise<unknown>;
  readonly onDone: () => void;
}

export function AskButton({ action, question, run, onDone }: AskButtonProps) {
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
      <Button className="plain">{action}</Button>
      <ModalOverlay className="veil" isDismissable>
        <Modal className="dialog">
          <Dialog role="alertdialog">
            <Heading slot="title">{action}?</Heading>
            <p>{question}</p>
            {mutation.isError ? (
              <p role="alert" className="problem">
                {mutation.error.message}
              </p>
            ) : null}
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
