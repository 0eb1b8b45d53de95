// Wraps keys under the root key of the vault's folder.
import { createHash, createSecretKey } from "node:crypto";
import { derivedKey } from "../derived-key.ts";
import { envelopeKeyId, KEY_ID_BYTES, openEnvelope, sealEnvelope } from "../envelope/envelope.ts";
import { VaultError } from "../error.ts";
import type { KeyProvider } from "./key-provider.ts";

export function localProvider(rootKey: Uint8Array): KeyProvider {
  const bytes = derivedKey(rootKey, "keyring");
  const idBytes = createHash("sha256").update("holdfast root").update(bytes).digest().subarray(0, KEY_ID_BYTES);
  const key = { idBytes, key: createSecretKey(bytes) };
  bytes.fill(0);
  return {
    kind: "local",
    guardedBy: "root.key",
    wrap: async (plain, context) => sealEnvelope(key, context, plain),
    unwrap: async (wrapped, context) => {
      const plain = openEnvelope(key, context, wrapped);
      if (plain !== undefined) return plain;
      const isOurs = wrapped.length > KEY_ID_BYTES && envelopeKeyId(wrapped).equals(idBytes);
      throw new VaultError("vault/key-damaged", {
        expected: "a key as it was wrapped under this root key, for this scope and version",
        found: isOurs ? "one that was changed or moved" : "one that another root key wrapped",
        hint: "Restore the keyring and its root key together from one backup; nothing was changed.",
      });
    },
  };
}
