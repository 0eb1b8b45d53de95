// Asks a person for a note before something is recorded under their name.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Entry, Failure, SubmitButton, SubmitForm } from "./form-parts.tsx";

const NOTE_LENGTH_MIN = 3;
const NOTE_LENGTH_MAX = 500;

export interface NoteDialogProps {
  readonly action: string;
  readonly title: string;
  readonly hint: string;
  /** Whom or what it is about, read out with the action where a page has several. */
  readonly about?: string;
  /** Where it is not what the page is for. */
  readonly isPlain?: boolean;
  /** Characters at most, where it is fewer than a note may have. */
  readonly lengthMax?: number;
  readonly send: (note: string) => Promise<unknown>;
  readonly onSent: () => void;
}

export function NoteDialog(props: NoteDialogProps) {
  const { action, about, title, hint, lengthMax = NOTE_LENGTH_MAX, send, onSent } = props;
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const mutation = useMutation({
    mutationFn: send,
    onSuccess: () => {
      setOpen(false);
      setNote("");
      onSent();
    },
  });
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button
        className={props.isPlain === true ? "plain" : "primary"}
        {...(about === undefined ? {} : { "aria-label": `${action}, ${about}` })}
      >
        {action}
      </Button>
      <ModalOverlay className="veil" isDismissable>
        <Modal className="dialog">
          <Dialog>
            <Heading slot="title">{title}</Heading>
            <SubmitForm onSubmit={() => mutation.mutate(note.trim())}>
              <Entry
                label="Note"
                hint={hint}
                rows={4}
                value={note}
                onChange={setNote}
                isRequired
                minLength={NOTE_LENGTH_MIN}
                maxLength={lengthMax}
              />
              <Failure error={mutation.error} />
              <div className="actions">
                <Button className="plain" slot="close">
                  Cancel
                </Button>
                <SubmitButton isBusy={mutation.isPending} isDisabled={note.trim().length < NOTE_LENGTH_MIN}>
                  {action}
                </SubmitButton>
              </div>
            </SubmitForm>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
