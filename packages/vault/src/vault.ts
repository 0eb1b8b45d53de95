// The vault of one installation: a root key, secrets sealed under it, and a certificate authority whose key is one of them.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type AuthorityMaterial,
  type CertificateAuthority,
  makeAuthority,
  openAuthority,
} from "./certificate-authority.ts";
import { VaultError } from "./error.ts";
import { KeyEvents } from "./key-events.ts";
import { openKeyring } from "./keyring/file-keyring.ts";
import type { KeyProvider } from "./keyring/key-provider.ts";
import type { KeyEvent } from "./keyring/key-uses.ts";
import type { Keyring } from "./keyring/keyring.ts";
import { localProvider } from "./keyring/local-provider.ts";
import { KEYRING_FOLDER, openFolder, openRootKey, ROOT_KEY_FILE } from "./root-key.ts";
import { openSealedSecrets, type SealedSecrets } from "./sealed-secrets.ts";
import { hideSecret } from "./secrets/redaction.ts";
import { refuseWorkTree } from "./work-tree.ts";

export interface Vault {
  readonly keyring: Keyring;
  /** The secret of that name, the same at every start; made (256 random bits as base64url, or by `make`) when there is none. */
  secret(name: string, make?: () => string): Promise<string>;
  replaceSecret(name: string, value: string): Promise<void>;
  /** The secret of that name as it is on the disk now, whichever process put it there; undefined when there is none. */
  latestSecret(name: string): Promise<string | undefined>;
  /** Makes another key for the secrets and seals all of them under it. */
  resealSecrets(): Promise<void>;
  /** Where the keyring's events go from now on. Those before are kept for it, up to a limit. */
  onKeyEvent(emit: (event: KeyEvent) => void): void;
  /** Tells the events of other processes, such as commands, that nobody has recorded yet. */
  gatherKeyEvents(): Promise<void>;
  /**
   * The authority, the same at every start; it may name this machine, our services and the host of `origin`. It is made when
   * there is none, and anew when it may not name that host: whoever trusted the one before has to trust this one.
   */
  certificateAuthority(origin?: string): Promise<CertificateAuthority>;
  /** Forgets the root key. Everything after it is refused. */
  close(): Promise<void>;
}

export interface OpenVaultOptions {
  /** A folder of its own, mode 0700; created when missing. */
  readonly directory: string;
  /** Milliseconds since 1970; for the validity of certificates. */
  readonly now?: () => number;
  /** Who guards the keyring; the root key in the folder unless given. */
  readonly provider?: KeyProvider;
  /** Seals the root key on the disk. Nothing opens without it any more. */
  readonly passphrase?: string;
  /** The folder is not meant to outlive a crash: no secret waits for the disk. */
  readonly isThrowaway?: boolean;
}

const SECRET_BYTES = 32;
const AUTHORITY_NAME = "certificate-authority";

/** Opens the vault in a folder, or makes one. @throws VaultError; nothing is changed then. */
export async function openVault({
  directory,
  now = Date.now,
  provider,
  passphrase,
  isThrowaway = false,
}: OpenVaultOptions): Promise<Vault> {
  await refuseWorkTree(directory);
  await openFolder(directory);
  const hasRootKey = provider === undefined || existsSync(join(directory, ROOT_KEY_FILE));
  const rootKey = hasRootKey ? await openRootKey(directory, passphrase) : undefined;
  const events = new KeyEvents(directory);
  const keyring = openKeyring({
    directory: join(directory, KEYRING_FOLDER),
    provider: provider ?? localProvider(rootKey as Buffer),
    now,
    emit: (event) => events.emit(event),
  });
  if (provider !== undefined && rootKey !== undefined) await keyring.takeOver(localProvider(rootKey));
  const secrets = await openSealedSecrets(
    directory,
    { keyring, ...(rootKey === undefined ? {} : { rootKey }) },
    isThrowaway,
  );
  // Everything has been opened without it.
  if (provider !== undefined && rootKey !== undefined) await rm(join(directory, ROOT_KEY_FILE));
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();
  /** One at a time: two callers who ask for a new secret get the same one, and no write is lost. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(() => {
      if (isClosed) throw closed();
      return work();
    });
    turn = result.catch(() => undefined); // Its caller is told; the next one still has a turn.
    return result;
  };
  return {
    keyring,
    onKeyEvent: (emit) => events.sendTo(emit),
    gatherKeyEvents: () => events.gather(),
    resealSecrets: () => inTurn(() => secrets.reseal()),
    secret: (name, make = randomSecret) => inTurn(() => secretOf(secrets, name, make)),
    replaceSecret: (name, value) => {
      hideSecret(value, name);
      return inTurn(() => secrets.set(name, value));
    },
    latestSecret: (name) => inTurn(() => secrets.latest(name)),
    certificateAuthority: (origin) => inTurn(() => authorityOf(secrets, now, origin)),
    close: async () => {
      await turn;
      isClosed = true;
      keyring.forget();
      rootKey?.fill(0);
      await events.leave();
    },
  };
}

const randomSecret = (): string => randomBytes(SECRET_BYTES).toString("base64url");

async function secretOf(secrets: SealedSecrets, name: string, make: () => string): Promise<string> {
  const known = await secrets.get(name);
  const value = known ?? make();
  hideSecret(value, name);
  if (known === undefined) await secrets.set(name, value); // On the disk before anybody can rely on it.
  return value;
}

async function authorityOf(
  secrets: SealedSecrets,
  now: () => number,
  origin: string | undefined,
): Promise<CertificateAuthority> {
  const hosts = origin === undefined ? [] : [new URL(origin).hostname.replace(/^\[|\]$/g, "")];
  const known = await secrets.get(AUTHORITY_NAME);
  if (known !== undefined) {
    const material = JSON.parse(known) as AuthorityMaterial;
    if (origin === undefined || mayName(material, hosts)) return openAuthority(material, now);
  }
  const made = await makeAuthority(now(), hosts);
  await secrets.set(AUTHORITY_NAME, JSON.stringify(made));
  return openAuthority(made, now);
}

const mayName = ({ hosts }: AuthorityMaterial, wanted: readonly string[]): boolean =>
  hosts !== undefined && wanted.every((host) => hosts.includes(host));

const closed = (): VaultError =>
  new VaultError("vault/closed", {
    expected: "an open vault",
    found: "one that was closed",
    hint: "Ask before `close()`, or open the vault again.",
  });
