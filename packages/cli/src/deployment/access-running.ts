// How another command of the same user reaches the deployment that runs in a project's data directory.
import { resolve } from "node:path";
import { openSigningKeys, signOperatorKey } from "@holdfast/identity";
import { CliError } from "../cli-error.ts";
import { openVaultAt } from "./open-vault.ts";
import type { PlatformAccess } from "./platform-client.ts";
import { type RunningRecord, requireRunning } from "./running.ts";

/** The vault's name for the key of the deployment that runs. */
export const SERVICE_KEY = "service-key";

export interface RunningAccess extends PlatformAccess {
  readonly record: RunningRecord;
  /** A fresh operator's key, valid for an hour. Only who can open the vault can sign one. */
  operatorKey(): Promise<string>;
}

export async function accessRunning(folder: string): Promise<RunningAccess> {
  const dataDirectory = resolve(folder, ".holdfast");
  const record = requireRunning(dataDirectory);
  const vault = await openVaultAt(dataDirectory);
  try {
    const authority = await vault.certificateAuthority();
    const serviceKey = await vault.secret(SERVICE_KEY, () => {
      throw new CliError(
        "cli/not-running",
        "the vault was expected to hold the running deployment's service key; it does not",
        "stop the deployment and start it again",
      );
    });
    const { origin, port, issuer } = record;
    const operatorKey = () => signOperatorKeyOf(dataDirectory, issuer);
    return { record, origin, port, authorityPem: authority.certificatePem, serviceKey, operatorKey };
  } finally {
    await vault.close();
  }
}

async function signOperatorKeyOf(dataDirectory: string, issuer: string): Promise<string> {
  const vault = await openVaultAt(dataDirectory);
  try {
    const keys = await openSigningKeys({
      secret: (name) =>
        vault.secret(name, () => {
          throw new CliError(
            "cli/not-running",
            "the vault was expected to hold the running deployment's signing key; it does not",
            "stop the deployment and start it again",
          );
        }),
      replace: (name, value) => vault.replaceSecret(name, value),
    });
    return await signOperatorKey({ keys, issuer, now: Date.now });
  } finally {
    await vault.close();
  }
}
