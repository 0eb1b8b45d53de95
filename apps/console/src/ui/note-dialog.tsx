// Asks a person for a note before something is recorded under their name.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import {
  Button,
  Dialog,
  DialogTrigger,
  Form,
  Heading,
  Label,
  Modal,
  ModalOverlay,
  Text,
  TextArea,
  TextField,
} from "react-aria-components";

const NOTE_LENGTH_MIN = 3;
const NOTE_LENGTH_MAX = 500;

export interface NoteDialogProps {
  readonly action: string;
  readonly title: string;
  readonly hint: string;
  readonly send: (note: string) => Promise<unknown>;
  readonly onSent: () => void;
}

export function NoteDialog({ action, title, hint, send, onSent }: NoteDialogProps) {
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
      <Button className="primary">{action}</Button>
      <ModalOverlay className="veil" isDismissable>
        <Modal className="dialog">
          <Dialog>
            <Heading slot="title">{title}</Heading>
            <Form
              onSubmit={(event) => {
                event.preventDefault();
                mutation.mutate(note.trim());
              }}
            >
              <TextField
                className="field"
                value={note}
                onChange={setNote}
                isRequired
                minLength={NOTE_LENGTH_MIN}
                maxLength={NOTE_LENGTH_MAX}
              >
                <Label>Note</Label>
                <TextArea rows={4} />
                <Text slot="description">{hint}</Text>
              </TextField>
              {mutation.isError ? (
                <p role="alert" className="problem">
                  {mutation.error.message}
                </p>
              ) : null}
              <div className="actions">
                <Button className="plain" slot="close">
                  Cancel
                </Button>
                <Button
                  className="primary"
                  type="submit"
                  isDisabled={mutation.isPending || note.trim().length < NOTE_LENGTH_MIN}
                >
                  {action}
                </Button>
              </div>
            </Form>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
