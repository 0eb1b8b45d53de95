// Backups in a folder: each object is written beside its place, synced, and renamed into it, so that a crash leaves it whole or
// absent. Leftovers of a crash bear a name that no listing shows, and are removed once nobody can be writing them any more.
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BackupError } from "../error.ts";
import { makePrivateFolder } from "../make-folder.ts";
import { type BackupTarget, isObjectName, type StoredObject } from "./backup-target.ts";

const UNFINISHED = ".unfinished-";
const LEFTOVER_MS = 60 * 60 * 1000;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Opens the folder, creating it when missing. @throws BackupError */
export async function openFolderTarget(folder: string): Promise<BackupTarget> {
  const root = resolve(folder);
  try {
    await makePrivateFolder(root);
    await removeLeftovers(root);
  } catch (cause) {
    throw failure(root, cause);
  }
  const place = (name: string): string => {
    if (!isObjectName(name)) throw new TypeError(`not the name of an object: ${name.slice(0, 80)}`);
    return join(root, name);
  };
  return {
    description: root,
    put: (name, content) =>
      putFile(place(name), content).catch((cause: unknown) => {
        throw failure(root, cause);
      }),
    get: (name) => readFile(place(name)).catch((cause: unknown) => absentOr(root, cause)),
    list: (prefix) =>
      listBelow(root, prefix).catch((cause: unknown) => {
        throw failure(root, cause);
      }),
    remove: (name) =>
      removeFile(place(name)).catch((cause: unknown) => {
        throw failure(root, cause);
      }),
  };
}

async function putFile(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const unfinished = join(folder, `${UNFINISHED}${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(unfinished, "wx", PRIVATE_FILE);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch(() => undefined); // The folder is gone as well.
}

/** A new or removed name must survive a crash too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function listBelow(root: string, prefix: string): Promise<readonly StoredObject[]> {
  const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const entries = await readdir(join(root, below), { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  });
  const found: StoredObject[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (!entry.isFile() || entry.name.startsWith(UNFINISHED) || !name.startsWith(prefix)) continue;
    const size = await stat(path).catch(() => undefined); // Removed just now.
    if (size !== undefined) found.push({ name, bytes: size.size });
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What a crash left half written. Another process may be writing: only what is too old for that is removed. */
async function removeLeftovers(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.startsWith(UNFINISHED)) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined); // It got its name just now.
    if (found === undefined || Date.now() - found.mtimeMs < LEFTOVER_MS) continue;
    await rm(path, { force: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EROFS") throw error; // Read-only: reading from it is still possible.
    });
  }
}

function absentOr(root: string, cause: unknown): undefined {
  if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
  throw failure(root, cause);
}

function failure(root: string, cause: unknown): BackupError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new BackupError("backup/target-full", {
      expected: `room in ${root}`,
      found: "a full disk",
      hint: "Make room, or keep fewer backups; what was stored before is whole.",
      cause,
    });
  }
  return new BackupError("backup/target-unusable", {
    expected: `to be able to use the folder ${root}`,
    found: code ?? "a failure",
    hint: "Choose another folder for backups, or make this one readable and writable; nothing half written is left in it.",
    cause,
  });
}
