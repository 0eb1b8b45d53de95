// The keyring on disk: keyring/<whose>/<scope>/<version>.json with the wrapped key, and beside it a mark once it is revoked
// or destroyed. Marks are only ever made, so two processes cannot undo each other and a crash leaves nothing half done.
import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { VaultError } from "../error.ts";
import { makePrivateFolder } from "../make-folder.ts";
import { PRIVATE_FILE, replacePrivateFile } from "../private-file.ts";
import { unwritable } from "../root-key.ts";
import { holderOf, type KeyPurpose, scopeNameOf } from "./key-scope.ts";

const FORMAT = 1;
const SHREDDED = "shredded";
const VERSION_FILE = /^([1-9]\d{0,8})\.(json|revoked|destroyed)$/;

/** `active`: seals and opens. `decrypt-only`: a newer one seals. `revoked`: refused, and still there. `destroyed`: gone. */
export type KeyState = "active" | "decrypt-only" | "revoked" | "destroyed";

/** The wrapped key of one version, as its file says. */
export interface StoredKey {
  readonly format: typeof FORMAT;
  readonly purpose: KeyPurpose;
  readonly dataClass: string;
  readonly subject?: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  readonly guardedBy: string;
  /** base64url */
  readonly wrapped: string;
}

export interface KeyVersion {
  readonly version: number;
  readonly state: KeyState;
  /** Absent once it is destroyed. */
  readonly stored?: StoredKey;
}

export interface KeyFiles {
  /** Ascending. Empty where the scope has no key yet. */
  versions(holder: string, scope: string): Promise<readonly KeyVersion[]>;
  /** False: another process has made this version already. */
  create(key: StoredKey): Promise<boolean>;
  /** Replaces the wrapping of a version, as when another provider guards it. */
  rewrap(key: StoredKey): Promise<void>;
  revoke(holder: string, scope: string, version: number): Promise<void>;
  destroy(holder: string, scope: string, version: number): Promise<void>;
  /** Destroys every key of a holder and refuses new ones for good. Says how many there were. */
  shred(holder: string): Promise<number>;
  isShredded(holder: string): Promise<boolean>;
  hasKeys(holder: string): Promise<boolean>;
  holders(): Promise<readonly string[]>;
  scopes(holder: string): Promise<readonly string[]>;
}

export function keyFiles(directory: string): KeyFiles {
  const folder = (...names: string[]): string => join(directory, ...names);
  const scopes = async (holder: string): Promise<readonly string[]> =>
    (await names(folder(holder))).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const isShredded = async (holder: string): Promise<boolean> => (await names(folder(holder))).includes(SHREDDED);
  const destroy = async (holder: string, scope: string, version: number): Promise<void> => {
    const path = folder(holder, scope, `${version}.json`);
    await mark(folder(holder, scope), `${version}.destroyed`);
    await overwrite(path);
    await rm(path, { force: true });
  };
  const files: KeyFiles = {
    async versions(holder, scope) {
      const versions = await readVersions(folder(holder, scope), holder, scope);
      if (!(await isShredded(holder))) return versions;
      return versions.map(({ version }) => ({ version, state: "destroyed" }));
    },
    async create(key) {
      const holder = holderOf(key.subject);
      const path = folder(holder, scopeNameOf(key));
      await prepare(directory, path, holder);
      const isMade = await createExclusively(path, `${key.version}.json`, serialise(key));
      // Somebody may have shredded the subject since it was looked up; then the new key goes the same way.
      if (isMade && (await isShredded(holder))) await files.shred(holder);
      return isMade;
    },
    rewrap: (key) =>
      replacePrivateFile(folder(holderOf(key.subject), scopeNameOf(key), `${key.version}.json`), serialise(key)),
    revoke: (holder, scope, version) => mark(folder(holder, scope), `${version}.revoked`),
    destroy,
    async shred(holder) {
      await prepare(directory, folder(holder), holder);
      await mark(folder(holder), SHREDDED); // First: from here on nobody gets a new key, and whoever comes back goes on.
      let keys = 0;
      for (const scope of await scopes(holder)) {
        const files = (await names(folder(holder, scope))).map((name) => VERSION_FILE.exec(name));
        for (const [, version, kind] of files.filter((match) => match !== null)) {
          if (kind !== "json") continue;
          await destroy(holder, scope, Number(version));
          keys += 1;
        }
      }
      return keys;
    },
    isShredded,
    async hasKeys(holder) {
      for (const scope of await scopes(holder)) {
        const files = await names(folder(holder, scope));
        if (files.some((name) => VERSION_FILE.exec(name)?.[2] === "json")) return true;
      }
      return false;
    },
    holders: async () => (await names(directory)).filter((name) => /^[0-9a-f]{16}$/.test(name)),
    scopes,
  };
  return files;
}

async function readVersions(path: string, holder: string, scope: string): Promise<readonly KeyVersion[]> {
  const found = new Map<number, Set<string>>();
  for (const name of await names(path)) {
    const [, number, kind] = VERSION_FILE.exec(name) ?? [];
    if (number === undefined || kind === undefined) continue;
    const version = Number(number);
    found.set(version, (found.get(version) ?? new Set()).add(kind));
  }
  const newest = Math.max(0, ...found.keys()); // Only this one may seal: an older one never comes back to it.
  const versions: KeyVersion[] = [];
  for (const [version, kinds] of [...found].sort(([a], [b]) => a - b)) {
    const stored = kinds.has("destroyed") ? undefined : await readStored(join(path, `${version}.json`), version);
    if (stored !== undefined && (holderOf(stored.subject) !== holder || scopeNameOf(stored) !== scope)) {
      throw damaged(join(path, `${version}.json`), "the key of another scope or subject");
    }
    if (stored === undefined) versions.push({ version, state: "destroyed" });
    else if (kinds.has("revoked")) versions.push({ version, state: "revoked", stored });
    else versions.push({ version, state: version === newest ? "active" : "decrypt-only", stored });
  }
  return versions;
}

async function readStored(path: string, version: number): Promise<StoredKey | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined; // Another process has destroyed it since the folder was read.
    throw damaged(path, error.code ?? "a failure");
  });
  if (text === undefined) return undefined;
  try {
    const key = JSON.parse(text) as StoredKey;
    if (key.format === FORMAT && key.version === version && typeof key.wrapped === "string") return key;
  } catch {
    // Not JSON: reported as damaged below.
  }
  throw damaged(path, "something that is not a wrapped key of this version");
}

const serialise = (key: StoredKey): Buffer => Buffer.from(`${JSON.stringify(key, null, 2)}\n`);

async function prepare(directory: string, path: string, holder: string): Promise<void> {
  try {
    for (const folder of [directory, join(directory, holder), path]) await makePrivateFolder(folder);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/** Whole or not at all, and never over another: false when the name is taken. */
async function createExclusively(path: string, name: string, content: Uint8Array): Promise<boolean> {
  const unfinished = join(path, `.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(unfinished, "wx", PRIVATE_FILE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(unfinished, join(path, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw unwritable(path, error);
  } finally {
    await unlink(unfinished).catch(() => undefined); // It may not have been made at all.
  }
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return true;
}

const mark = async (path: string, name: string): Promise<void> => {
  await createExclusively(path, name, Buffer.from(`${JSON.stringify({ format: FORMAT, at: Date.now() })}\n`));
};

/** Best effort: a journal or the flash's own mapping may keep the old bytes. They are wrapped all the same. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, "r+").catch(() => undefined); // Gone already: nothing to overwrite.
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    await file.write(randomBytes(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

const names = (path: string): Promise<string[]> =>
  readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw damaged(path, error.code ?? "a failure");
  });

const damaged = (path: string, found: string): VaultError =>
  new VaultError("vault/key-damaged", {
    expected: `${path} as the keyring wrote it`,
    found,
    hint: "Restore the keyring and its root key together from one backup; nothing was changed.",
  });
