// Backups in a folder: each object is written beside its place, synced, and renamed into it, so that a crash leaves it whole or
// absent. Leftovers of a crash bear a name that no listing shows, and are removed once nobody can be writing them any more. Others
// may write there: what they put in an object's place is followed nowhere, waited for by nobody, and never larger than our memory.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BackupError } from "../error.ts";
import { makePrivateFolder } from "../make-folder.ts";
import { type BackupTarget, isObjectName, OBJECT_BYTES_MAX, type StoredObject } from "./backup-target.ts";

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
  const place = async (name: string): Promise<string> => {
    if (!isObjectName(name)) throw new TypeError(`not the name of an object: ${name.slice(0, 80)}`);
    await refuseLinks(root, dirname(name));
    return join(root, name);
  };
  return {
    description: root,
    put: (name, content) =>
      place(name)
        .then((path) => putFile(path, content))
        .catch((cause: unknown) => {
          throw failure(root, cause);
        }),
    get: (name) =>
      place(name)
        .then((path) => readObject(path))
        .catch((cause: unknown) => absentOr(root, cause)),
    list: (prefix) =>
      listBelow(root, prefix).catch((cause: unknown) => {
        throw failure(root, cause);
      }),
    remove: (name) =>
      place(name)
        .then((path) => removeFile(path))
        .catch((cause: unknown) => {
          throw failure(root, cause);
        }),
  };
}

/** The folders on the way to an object are our own. */
async function refuseLinks(root: string, below: string): Promise<void> {
  let path = root;
  for (const part of below === "." ? [] : below.split("/")) {
    path = join(path, part);
    const found = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw cause;
      return undefined;
    });
    if (found === undefined) return;
    if (!found.isDirectory()) throw notOurs(path, "a folder", found.isSymbolicLink() ? "a link" : "something else");
  }
}

async function readObject(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw notOurs(path, "a file", "something else");
    if (found.size > OBJECT_BYTES_MAX) throw notOurs(path, `at most ${OBJECT_BYTES_MAX} bytes`, `${found.size} bytes`);
    const content = Buffer.alloc(found.size);
    let bytes = 0;
    for (let read = -1; read !== 0 && bytes < content.length; bytes += read)
      read = (await file.read(content, bytes, content.length - bytes)).bytesRead;
    return content.subarray(0, bytes);
  } finally {
    await file.close();
  }
}

const notOurs = (path: string, expected: string, found: string): BackupError =>
  new BackupError("backup/target-unusable", {
    expected: `${expected} in ${path}`,
    found,
    hint: "Somebody else writes where backups lie: find out who, and use a folder or bucket that only Holdfast may write.",
  });

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
  await refuseLinks(root, below === "" ? "." : below.slice(0, -1));
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
  if (cause instanceof BackupError) return cause;
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
