// Files that only their owner may read, replaced in one step: after a crash there is the old content or the new, whole.
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Owner may read and write, nobody else anything. */
export const PRIVATE_FILE = 0o600;
/** Every permission of group and others. */
export const FOREIGN_PERMISSIONS = 0o077;

/** Writes a file and makes sure it is on the disk before its name says so, unless it is not meant to outlive a crash. */
export async function replacePrivateFile(path: string, content: Uint8Array, isThrowaway = false): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(unfinished, "wx", PRIVATE_FILE);
    try {
      await file.writeFile(content);
      if (!isThrowaway) await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  if (isThrowaway) return;
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync(); // The rename itself must survive a crash too.
  } finally {
    await folder.close();
  }
}
