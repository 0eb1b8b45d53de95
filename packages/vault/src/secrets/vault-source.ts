import type { Vault } from "../vault.ts";
import type { SecretSource } from "./secret-source.ts";

interface Kept {
  readonly value: string;
  readonly changedAt: number;
}

const PREFIX = "given/";

/** Secrets that were given to this installation's vault, sealed with its others, and found anew when another process has put one there. */
export function vaultSource(vault: Pick<Vault, "latestSecret" | "replaceSecret">, now: () => number): SecretSource {
  return {
    async read(at) {
      const text = await vault.latestSecret(nameOf(at));
      return text === undefined ? undefined : (JSON.parse(text) as Kept);
    },
    async write(at, value) {
      await vault.replaceSecret(nameOf(at), JSON.stringify({ value, changedAt: now() } satisfies Kept));
    },
  };
}

/** The vault's names have no capital letters: `smtpUrl` is `given/smtp-url`. */
const nameOf = (at: string): string => `${PREFIX}${at.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
