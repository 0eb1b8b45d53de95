// The one key everything else in the vault is sealed under. It is made once and kept in a file only its owner may read.
import { randomBytes } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { VaultError } from "./error.ts";
import { makePrivateFolder } from "./make-folder.ts";
import { readSealedRootKey, sealRootKey, unsealRootKey } from "./passphrase.ts";
import { FOREIGN_PERMISSIONS, replacePrivateFile } from "./private-file.ts";

/** AES-256 (FIPS 197). */
export const ROOT_KEY_BYTES = 32;
export const ROOT_KEY_FILE = "root.key";
export const SEALED_FILE = "sealed.json";
export const KEYRING_FOLDER = "keyring";

/**
 * Opens the folder and its root key; makes both when there is nothing yet. With a passphrase the key lies there sealed, and
 * one that lay there plain is sealed now. @throws VaultError
 */
export async function openRootKey(directory: string, passphrase?: string): Promise<Buffer> {
  const path = join(directory, ROOT_KEY_FILE);
  const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new VaultError("vault/root-key-unreadable", {
      expected: `to be able to read ${path}`,
      found: cause.code ?? "a failure",
      hint: "Run as the user who made the vault.",
      cause,
    });
  });
  if (content === undefined) return makeRootKey(directory, path, passphrase);
  await refuseForeignPermissions(path);
  const sealed = readSealedRootKey(content);
  if (sealed !== undefined) return unsealRootKey(sealed, passphrase);
  if (content.length !== ROOT_KEY_BYTES) {
    throw new VaultError("vault/root-key-damaged", {
      expected: `${ROOT_KEY_BYTES} bytes in ${path}`,
      found: `${content.length} bytes`,
      hint: "Restore the file from its backup: without it nothing in this vault can be opened.",
    });
  }
  if (passphrase !== undefined) await replacePrivateFile(path, await sealRootKey(content, passphrase));
  return content;
}

/** @throws VaultError when it cannot be made, or others may enter it. */
export async function openFolder(directory: string): Promise<void> {
  try {
    await makePrivateFolder(directory);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
  const { mode } = await stat(directory);
  if ((mode & FOREIGN_PERMISSIONS) !== 0) {
    throw new VaultError("vault/directory-permissions", {
      expected: `${directory} to be closed to everybody else (0700)`,
      found: octal(mode),
      hint: `Run chmod 700 ${directory}, and treat what is in it as known to whoever could read it.`,
    });
  }
}

async function makeRootKey(directory: string, path: string, passphrase?: string): Promise<Buffer> {
  const content = await readdir(directory);
  if (content.includes(SEALED_FILE) || content.includes(KEYRING_FOLDER)) {
    // A new key would make the sealed secrets unreadable for ever.
    throw new VaultError("vault/root-key-missing", {
      expected: `${path}, which the sealed secrets beside it were sealed under`,
      found: "no such file",
      hint: "Restore the root key from its backup, or move the folder away to start with new secrets.",
    });
  }
  const key = randomBytes(ROOT_KEY_BYTES);
  const file = passphrase === undefined ? key : await sealRootKey(key, passphrase);
  try {
    await replacePrivateFile(path, file);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
  return key;
}

async function refuseForeignPermissions(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & FOREIGN_PERMISSIONS) === 0) return;
  throw new VaultError("vault/root-key-permissions", {
    expected: `${path} to be readable by its owner only (0600)`,
    found: octal(mode),
    hint: "Run chmod 600 on it, and replace the key if anybody else can have read it.",
  });
}

/** The error for a folder that cannot be written. */
export const unwritable = (directory: string, cause: unknown): VaultError =>
  new VaultError("vault/directory-unwritable", {
    expected: `to be able to write in ${directory}`,
    found: (cause as NodeJS.ErrnoException).code ?? "a failure",
    hint: "Choose another folder for the vault, or make this one writable.",
    cause,
  });

const octal = (mode: number): string => `0${(mode & 0o777).toString(8)}`;
