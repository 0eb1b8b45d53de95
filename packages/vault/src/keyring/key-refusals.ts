// Why a key is not given, or a value not opened.
import { VaultError } from "../error.ts";
import type { KeyState } from "./key-files.ts";
import { partsOf } from "./key-id.ts";
import type { KeyScope } from "./key-scope.ts";

/** @param state undefined: the keyring has no such key. */
export function unusableKey(id: string, state: KeyState | undefined): VaultError {
  const word = state === "destroyed" || state === "revoked" ? state : "unknown";
  const hints = {
    destroyed: "What was sealed under it cannot be read by anybody any more.",
    revoked: "Nothing is read with it; what it sealed has to come from elsewhere.",
    unknown: "Is it the vault of this deployment?",
  };
  return new VaultError(`vault/key-${word}`, {
    expected: `the key ${id} to be in the keyring`,
    found: word === "unknown" ? "no such key" : `one that was ${word}`,
    hint: hints[word],
  });
}

/** No key is made for whoever was shredded. */
export const destroyedSubject = (scope: KeyScope): VaultError =>
  new VaultError("vault/key-destroyed", {
    expected: `a subject whose keys were not destroyed, for ${scope.purpose} ${scope.dataClass}`,
    found: "one whose keys were shredded",
    hint: "Nothing is sealed for this subject any more.",
  });

/** What was to be opened is no value of this keyring in this place. */
export const valueRefused = (found: string): VaultError =>
  new VaultError("vault/value-refused", {
    expected: "a value as it was sealed, in the place it was sealed for",
    found,
    hint: "Somebody wrote it, or moved it, around the application: look at the events, and restore it from a backup.",
  });

export const closedVault = (): VaultError =>
  new VaultError("vault/closed", {
    expected: "an open vault",
    found: "one that was closed",
    hint: "Ask before `close()`, or open the vault again.",
  });

/** Where the key of that id would be. */
export function placedKey(id: string): { holder: string; scope: string; version: number } {
  const parts = partsOf(id);
  if (parts === undefined) throw unusableKey(id.slice(0, 80), undefined);
  return parts;
}
