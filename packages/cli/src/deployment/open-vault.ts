// The vault of a project's data directory, opened the same way by every command.
import { join } from "node:path";
import { openVault, type Vault } from "@holdfast/vault";

/** With `HOLDFAST_VAULT_PASSPHRASE` the root key lies there sealed under it. @throws VaultError */
export function openVaultAt(dataDirectory: string, isThrowaway = false): Promise<Vault> {
  const passphrase = process.env["HOLDFAST_VAULT_PASSPHRASE"];
  return openVault({
    directory: join(dataDirectory, "vault"),
    isThrowaway,
    ...(passphrase === undefined || passphrase === "" ? {} : { passphrase }),
  });
}
