// The file of sealed secrets: names in the clear, values sealed. It is read whole and refused whole: a damaged entry is not
// silently replaced by a new secret.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { derivedKey, unsealFirstFormat } from "./derived-key.ts";
import { VaultError } from "./error.ts";
import type { KeyScope } from "./keyring/key-scope.ts";
import type { Keyring } from "./keyring/keyring.ts";
import { replacePrivateFile } from "./private-file.ts";
import { SEALED_FILE, unwritable } from "./root-key.ts";

const FORMAT = 2;
/** Sealed under a key derived from the root key itself; rewritten as soon as it is opened. */
const FIRST_FORMAT = 1;
const SCOPE: KeyScope = { purpose: "secrets", dataClass: "vault" };
const NAME = /^[a-z0-9][a-z0-9._:/-]{0,127}$/;
const NAME_CHARACTERS_MAX = 128;
const SECRET_BYTES_MAX = 64 * 1024;

interface SealedFile {
  readonly format: typeof FORMAT | typeof FIRST_FORMAT;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface SealedSecrets {
  /** What is known, after a look at the file when it is not: another process may have made it meanwhile. */
  get(name: string): Promise<string | undefined>;
  /** What the file says now: another process may have changed it. */
  latest(name: string): Promise<string | undefined>;
  /** Seals and writes; when it resolves the value is on the disk. */
  set(name: string, value: string): Promise<void>;
  /** Makes another key and seals everything under it. */
  reseal(): Promise<void>;
}

/** What the secrets are sealed with. */
export interface SecretKeys {
  readonly keyring: Keyring;
  /** Absent where a key management service guards the keyring: a file of the first format cannot be there. */
  readonly rootKey?: Uint8Array;
}

/** A secret, and how it stands in the file. */
interface KnownSecret {
  readonly sealed: string;
  readonly value: string;
}

/** Reads and opens every secret. @throws VaultError when one of them does not open. */
export async function openSealedSecrets(
  directory: string,
  keys: SecretKeys,
  isThrowaway = false,
): Promise<SealedSecrets> {
  const path = join(directory, SEALED_FILE);
  const write = async (secrets: ReadonlyMap<string, KnownSecret>): Promise<void> => {
    await replacePrivateFile(path, fileOf(secrets), isThrowaway).catch((cause: unknown) => {
      throw unwritable(directory, cause);
    });
  };
  const sealOne = async (name: string, value: string): Promise<KnownSecret> => {
    const bytes = await keys.keyring.seal(SCOPE, { name }, Buffer.from(value, "utf8"));
    return { sealed: bytes.toString("base64url"), value };
  };
  const sealAnew = async (secrets: ReadonlyMap<string, KnownSecret>): Promise<ReadonlyMap<string, KnownSecret>> => {
    const sealed = new Map<string, KnownSecret>();
    for (const [name, { value }] of secrets) sealed.set(name, await sealOne(name, value));
    return sealed;
  };
  let known = await unsealAll(path, keys, new Map());
  if ((await readSealedFile(path)).format === FIRST_FORMAT) {
    known = await sealAnew(known);
    await write(known);
  }
  return {
    get: async (name) => {
      checkName(name);
      if (!known.has(name)) known = await unsealAll(path, keys, known);
      return known.get(name)?.value;
    },
    latest: async (name) => {
      checkName(name);
      known = await unsealAll(path, keys, known);
      return known.get(name)?.value;
    },
    set: async (name, value) => {
      checkName(name);
      checkValue(name, value);
      // What else stands there stays as it is sealed: a hundred secrets are not sealed anew for one.
      known = new Map(await unsealAll(path, keys, known)).set(name, await sealOne(name, value));
      await write(known);
    },
    reseal: async () => {
      await keys.keyring.rotate(SCOPE);
      known = await sealAnew(await unsealAll(path, keys, known));
      await write(known);
    },
  };
}

/** Every secret of the file. Only what stands there otherwise than in `known` is opened again. */
async function unsealAll(
  path: string,
  keys: SecretKeys,
  known: ReadonlyMap<string, KnownSecret>,
): Promise<ReadonlyMap<string, KnownSecret>> {
  const opened = new Map<string, KnownSecret>();
  const { format, secrets } = await readSealedFile(path);
  for (const [name, sealed] of Object.entries(secrets)) {
    const before = known.get(name);
    if (before !== undefined && before.sealed === sealed) {
      opened.set(name, before);
      continue;
    }
    const plain = typeof sealed === "string" ? await unsealOne(format, name, sealed, keys) : undefined;
    if (plain === undefined) throw damaged(path, `an entry "${name.slice(0, NAME_CHARACTERS_MAX)}" that does not open`);
    opened.set(name, { sealed, value: plain.toString("utf8") });
  }
  return opened;
}

async function unsealOne(
  format: SealedFile["format"],
  name: string,
  sealed: string,
  { keyring, rootKey }: SecretKeys,
): Promise<Buffer | undefined> {
  const bytes = Buffer.from(sealed, "base64url");
  if (format === FORMAT) {
    return keyring.open({ name }, bytes).catch((error: unknown) => {
      // Whatever is wrong with one entry, the file as a whole is not what was written.
      if (error instanceof VaultError) return undefined;
      throw error;
    });
  }
  return rootKey === undefined ? undefined : unsealFirstFormat(derivedKey(rootKey, "secrets"), name, bytes);
}

function fileOf(known: ReadonlyMap<string, KnownSecret>): Buffer {
  const secrets = Object.fromEntries([...known].map(([name, { sealed }]) => [name, sealed]));
  return Buffer.from(`${JSON.stringify({ format: FORMAT, secrets } satisfies SealedFile, null, 2)}\n`);
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
    const isKnown = file.format === FORMAT || file.format === FIRST_FORMAT;
    if (isKnown && typeof file.secrets === "object" && file.secrets !== null) return file;
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
