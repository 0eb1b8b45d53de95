// The file of sealed secrets: names in the clear, values sealed. It is read whole and refused whole: a damaged entry is not
// silently replaced by a new secret.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { VaultError } from "./error.ts";
import { replacePrivateFile } from "./private-file.ts";
import { SEALED_FILE, unwritable } from "./root-key.ts";
import { derivedKey, seal, unseal } from "./seal.ts";

const FORMAT = 1;
const NAME = /^[a-z0-9][a-z0-9._:/-]{0,127}$/;
const NAME_CHARACTERS_MAX = 128;
const SECRET_BYTES_MAX = 64 * 1024;

interface SealedFile {
  readonly format: typeof FORMAT;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface SealedSecrets {
  /** What is known, after a look at the file when it is not: another process may have made it meanwhile. */
  get(name: string): Promise<string | undefined>;
  /** Seals and writes; when it resolves the value is on the disk. */
  set(name: string, value: string): Promise<void>;
}

/** Reads and opens every secret. @throws VaultError when one of them does not open. */
export async function openSealedSecrets(directory: string, rootKey: Uint8Array): Promise<SealedSecrets> {
  const path = join(directory, SEALED_FILE);
  const key = derivedKey(rootKey, "secrets");
  let values = await unsealAll(path, key);
  return {
    get: async (name) => {
      checkName(name);
      if (!values.has(name)) values = await unsealAll(path, key);
      return values.get(name);
    },
    set: async (name, value) => {
      checkName(name);
      checkValue(name, value);
      values = new Map(await unsealAll(path, key)).set(name, value);
      await replacePrivateFile(path, sealAll(values, key)).catch((cause: unknown) => {
        throw unwritable(directory, cause);
      });
    },
  };
}

async function unsealAll(path: string, key: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const [name, sealed] of Object.entries((await readSealedFile(path)).secrets)) {
    const plain = typeof sealed === "string" ? unseal(key, name, Buffer.from(sealed, "base64url")) : undefined;
    if (plain === undefined) throw damaged(path, `an entry "${name.slice(0, NAME_CHARACTERS_MAX)}" that does not open`);
    values.set(name, plain.toString("utf8"));
  }
  return values;
}

function sealAll(values: ReadonlyMap<string, string>, key: Uint8Array): Buffer {
  const entries = [...values].map(([name, text]) => [
    name,
    seal(key, name, Buffer.from(text, "utf8")).toString("base64url"),
  ]);
  const file: SealedFile = { format: FORMAT, secrets: Object.fromEntries(entries) };
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
}

async function readSealedFile(path: string): Promise<SealedFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return { format: FORMAT, secrets: {} }; // A new vault.
    throw new VaultError("vault/sealed-file-unreadable", {
      expected: `to be able to read ${path}`,
      found: code ?? "a failure",
      hint: "Run as the user who made the vault.",
      cause,
    });
  }
  try {
    const file = JSON.parse(text) as SealedFile;
    if (file.format === FORMAT && typeof file.secrets === "object" && file.secrets !== null) return file;
  } catch {
    // Not JSON: reported as damaged below. The parser's message would quote the content.
  }
  throw damaged(path, "something that is not a file of sealed secrets");
}

const damaged = (path: string, found: string): VaultError =>
  new VaultError("vault/sealed-file-damaged", {
    expected: `${path} as it was sealed under this root key`,
    found,
    hint: "Restore the file and its root key together from one backup; nothing was changed.",
  });

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new VaultError("vault/secret-name-invalid", {
    expected: "a name of at most 128 lower-case letters, digits and . _ : / -",
    found: JSON.stringify(name).slice(0, 80),
    hint: "Choose another name.",
  });
}

function checkValue(name: string, value: string): void {
  const bytes = Buffer.byteLength(value, "utf8");
  if (bytes > 0 && bytes <= SECRET_BYTES_MAX && value.isWellFormed()) return;
  throw new VaultError("vault/secret-value-invalid", {
    expected: `a text of 1 to ${SECRET_BYTES_MAX} bytes for "${name}"`,
    found: `${bytes} bytes`,
    hint: "A secret is a text; encode binary values as base64url.",
  });
}
