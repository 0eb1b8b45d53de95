// The vault of a project's data directory, opened the same way by every command.
import { join } from "node:path";
import { awsKmsProvider, openVault, type Vault } from "@holdfast/vault";

/**
 * With `HOLDFAST_VAULT_KMS_KEY` that key of AWS KMS guards it; otherwise the root key in the folder, which
 * `HOLDFAST_VAULT_PASSPHRASE` seals. One that holds nothing worth keeping is guarded by neither. @throws VaultError
 */
export async function openVaultAt(dataDirectory: string, isThrowaway = false): Promise<Vault> {
  const keyArn = isThrowaway ? undefined : given("HOLDFAST_VAULT_KMS_KEY");
  const passphrase = isThrowaway ? undefined : given("HOLDFAST_VAULT_PASSPHRASE");
  return openVault({
    directory: join(dataDirectory, "vault"),
    isThrowaway,
    ...(keyArn === undefined ? {} : { provider: await awsKmsProvider({ keyArn }) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

/** What the environment says; an empty value says nothing. */
const given = (name: string): string | undefined => process.env[name] || undefined;
