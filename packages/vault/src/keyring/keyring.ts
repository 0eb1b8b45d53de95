// What a keyring does: a data key for each scope, in versions. Keys leave it only to this process.
import type { KeyObject } from "node:crypto";
import type { SealContext } from "../envelope/context.ts";
import type { KeyState } from "./key-files.ts";
import type { KeyProvider, KeyWrapper } from "./key-provider.ts";
import type { KeyPurpose, KeyScope } from "./key-scope.ts";

/** A key in the clear, for this process only. */
export interface DataKey {
  /** Hexadecimal. */
  readonly id: string;
  readonly idBytes: Buffer;
  readonly scope: KeyScope;
  readonly version: number;
  readonly key: KeyObject;
}

/** One version of one key, without its material. */
export interface KeyRecord {
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly dataClass: string;
  readonly subject?: string;
  readonly version: number;
  readonly state: KeyState;
  readonly madeAt: number;
  readonly guardedBy: string;
}

export interface Keyring {
  readonly provider: Pick<KeyProvider, "kind" | "guardedBy">;
  /** The key that seals for the scope; made when there is none. @throws VaultError `vault/key-destroyed` for a shredded subject */
  dataKey(scope: KeyScope): Promise<DataKey>;
  /** The key of that id, to open with. @throws VaultError `vault/key-unknown`, `vault/key-revoked`, `vault/key-destroyed` */
  keyOf(id: string): Promise<DataKey>;
  /** As `keyOf`, without waiting; undefined when it was not looked at within the last seconds. */
  recent(id: string): DataKey | undefined;
  /** Counts a use, for whoever seals and opens with the key itself. */
  count(key: DataKey, use: "seals" | "opens"): void;
  seal(scope: KeyScope, context: SealContext, plain: Uint8Array): Promise<Buffer>;
  /** @throws VaultError as `keyOf`, and `vault/value-refused` when a bit, the context or the key is another. */
  open(context: SealContext, sealed: Uint8Array): Promise<Buffer>;
  /** Wraps other keys under the scope's, for whoever keeps its own. */
  wrapper(scope: KeyScope): KeyWrapper;
  /** Every version that is not destroyed. */
  list(): Promise<readonly KeyRecord[]>;
  /** A new version seals from now on; those before still open. */
  rotate(scope: KeyScope): Promise<DataKey>;
  /** Refuses the key from now on. It is kept, and no longer used. */
  revoke(id: string): Promise<void>;
  /** Destroys one version for good: when nothing is sealed under it any more. */
  destroy(id: string): Promise<void>;
  /** Destroys every key of the subject, and refuses new ones for good. Says how many there were. */
  shred(subject: string): Promise<number>;
  isShredded(subject: string): Promise<boolean>;
  /** Whether any key of the subject is there, also one that a shredding which was cut short has left. */
  hasKeys(subject: string): Promise<boolean>;
  /** Wraps every key anew that `before` guarded. Says how many; called again, it goes on. */
  takeOver(before: KeyProvider): Promise<number>;
  /** Tells the uses that were counted and not yet told. */
  tellUses(): void;
  /** Forgets every key; whatever is asked afterwards is refused. */
  forget(): void;
}
