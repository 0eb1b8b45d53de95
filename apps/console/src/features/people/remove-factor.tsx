import type { PersonFactor } from "@holdfast/server/api";
import { NoteDialog } from "../../ui/note-dialog.tsx";
import { people } from "../platform/people-client.ts";

/** Characters that identity keeps of a reason. */
const REASON_MAX = 200;

export interface RemoveFactorProps {
  readonly personId: string;
  readonly factor: PersonFactor;
  /** Whose it is, for whoever hears the button read out. */
  readonly about: string;
  readonly onRemoved: () => void;
}

export function RemoveFactor({ personId, factor, about, onRemoved }: RemoveFactorProps) {
  return (
    <NoteDialog
      action="Remove the factor"
      about={about}
      title="Remove the factor"
      hint="Why, and how do you know that it is the person who asks? Without the factor a password is enough. Every session ends."
      lengthMax={REASON_MAX}
      isPlain
      send={(note) => people.removeFactor(personId, factor.id, note)}
      onSent={onRemoved}
    />
  );
}
