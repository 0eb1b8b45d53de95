// What a key is for. Every scope has its own keys, so that no key is used for two things.
import { createHash } from "node:crypto";
import type { SealContext } from "../envelope/context.ts";
import { contextBytes } from "../envelope/context.ts";
import { VaultError } from "../error.ts";

/** Every purpose, with what its keys seal. */
export const keyPurposes = {
  secrets:
    "Secrets that the vault keeps for the deployment: passwords, the keys of identity, the certificate authority.",
  field: "Values of sealed columns.",
  "blind-index": "Blind indexes, by which equal values of a sealed column are found.",
  backup: "The keys of backups and of the archived write-ahead log.",
} as const;

export type KeyPurpose = keyof typeof keyPurposes;

export interface KeyScope {
  readonly purpose: KeyPurpose;
  /** What the data is, for example `public.notes.body`. */
  readonly dataClass: string;
  /** Whose data it is: such keys can be destroyed together (`shred`). Absent: nobody's in particular. */
  readonly subject?: string;
}

const DATA_CLASS = /^[a-z0-9_][a-z0-9_.:/-]{0,159}$/;
const SUBJECT_CHARACTERS_MAX = 128;
const HALF_BYTES = 8;

/** @throws VaultError `vault/key-scope-invalid` */
export function checkScope({ purpose, dataClass, subject }: KeyScope): void {
  if (subject !== undefined) checkSubject(subject);
  if (Object.hasOwn(keyPurposes, purpose) && DATA_CLASS.test(dataClass)) return;
  throw new VaultError("vault/key-scope-invalid", {
    expected: "a known purpose and a data class such as public.notes.body",
    found: JSON.stringify({ purpose, dataClass }).slice(0, 200),
    hint: "The purposes are listed in keyring/key-scope.ts.",
  });
}

/** An empty name would be nobody's in particular: the keys of the deployment itself. @throws VaultError `vault/key-scope-invalid` */
export function checkSubject(subject: string): void {
  if (subject.length > 0 && subject.length <= SUBJECT_CHARACTERS_MAX) return;
  throw new VaultError("vault/key-scope-invalid", {
    expected: `a subject of 1 to ${SUBJECT_CHARACTERS_MAX} characters`,
    found: `${subject.length} characters`,
    hint: "A subject is the id of an account. Nothing was changed.",
  });
}

const half = (context: SealContext): string =>
  createHash("sha256")
    .update(contextBytes(context))
    .digest("hex")
    .slice(0, 2 * HALF_BYTES);

/** Names everything that belongs to one subject. */
export const holderOf = (subject: string | undefined): string => half({ subject: subject ?? "" });

/** Names the scope among those of one subject. */
export const scopeNameOf = ({ purpose, dataClass }: KeyScope): string => half({ purpose, dataClass });

/** What a wrapped key is bound to: whoever moves its file to another scope or version cannot open it. */
export const wrapContext = ({ purpose, dataClass, subject }: KeyScope, version: number): SealContext => ({
  purpose,
  dataClass,
  ...(subject === undefined ? {} : { subject }),
  version: String(version),
});
