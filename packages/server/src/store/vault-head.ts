// The sealed heads as secrets of the vault: encrypted and authenticated under its root key, in a file the database cannot reach.
import type { Vault } from "@holdfast/vault";
import type { LogTable } from "./chained-log.ts";
import { headText, parseHead, type SealedHead } from "./sealed-head.ts";

/** What stands where no head was sealed yet: no head has this text. */
const NONE = "none";

/** One head per database and log: several deployments may share a vault. */
export function vaultHead(vault: Vault, database: string, table: LogTable): SealedHead {
  const name = `platform-head/${vaultName(database)}/${vaultName(table)}`;
  return {
    read: async () => parseHead(await vault.secret(name, () => NONE)),
    write: (head) => vault.replaceSecret(name, headText(head)),
  };
}

/** Database names have underscores, names of secrets have dots instead; neither has the other. */
export function vaultName(name: string): string {
  return name.replaceAll("_", ".");
}
