// What `holdfast restore` did, signed: the evidence without which no restore is accepted into the audit log. It lies in the folder that
// was restored, and goes where that goes.
import { generateKeyPairSync } from "node:crypto";
import { type CheckpointSigner, checkpointSigner } from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";

export const RESTORE_RECORD_FILE = "holdfast-restore.note";
const KEY_NAME = "restore-record-signing-key";
const WORDS = "restored";

export interface RestoreRecord {
  readonly backup: string;
  /** The moment that was asked for, and the newest transaction that is in it (ms since 1970). */
  readonly to: number | null;
  readonly lastCommitAt: number | null;
  readonly at: number;
}

export interface RestoreRecords {
  sign(record: RestoreRecord): string;
  /** Undefined unless this deployment's vault signed it. */
  open(note: string): RestoreRecord | undefined;
}

export async function openRestoreRecords(vault: Pick<Vault, "secret">): Promise<RestoreRecords> {
  const pem = await vault.secret(KEY_NAME, () =>
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  );
  const signer: CheckpointSigner = checkpointSigner("holdfast-restore", pem);
  return {
    sign: (record) => signer.signStatement(WORDS, record),
    open: (note) => signer.openStatement(WORDS, note) as RestoreRecord | undefined,
  };
}
