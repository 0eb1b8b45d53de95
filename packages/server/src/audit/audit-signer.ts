// Who signs the audit log of a database, and where its newest checkpoint is kept: the vault, which no statement reaches.
import { generateKeyPairSync } from "node:crypto";
import { type CheckpointSigner, checkpointSigner, type KeptCheckpoint } from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";
import { vaultName } from "../store/vault-head.ts";

const KEY_NAME = "audit-signing-key";
/** What stands where no checkpoint was kept yet: no note has this text. */
const NONE = "none";

export async function openAuditSigner(vault: Pick<Vault, "secret">, database: string): Promise<CheckpointSigner> {
  const pem = await vault.secret(KEY_NAME, () =>
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  );
  return checkpointSigner(`holdfast-audit/${database}`, pem);
}

export function keptCheckpoint(
  vault: Pick<Vault, "secret" | "replaceSecret" | "latestSecret">,
  database: string,
): KeptCheckpoint {
  const name = `audit-checkpoint/${vaultName(database)}`;
  return {
    async read() {
      const note = (await vault.latestSecret(name)) ?? (await vault.secret(name, () => NONE));
      return note === NONE ? null : note;
    },
    write: (note) => vault.replaceSecret(name, note),
  };
}
