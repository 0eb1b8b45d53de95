// Who guards the keys of the keyring: the one interface that a file of ours and a key management service share.
import type { SealContext } from "../envelope/context.ts";

/** Wraps a key so that only the same context opens it again. */
export interface KeyWrapper {
  wrap(key: Buffer, context: SealContext): Promise<Buffer>;
  /** @throws VaultError when it does not open. */
  unwrap(wrapped: Buffer, context: SealContext): Promise<Buffer>;
}

export interface KeyProvider extends KeyWrapper {
  readonly kind: "local" | "aws-kms";
  /** Names the key that wraps, without being secret: where a keyring says what guards it. */
  readonly guardedBy: string;
}
