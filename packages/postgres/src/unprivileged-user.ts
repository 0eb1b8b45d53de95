// PostgreSQL refuses to run as root. When Holdfast does, the server runs as an unprivileged user instead, and owns only its
// own directory. Otherwise it runs as whoever started Holdfast.
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Who runs the PostgreSQL processes. Undefined ids mean "the current user". */
export interface ProcessOwner {
  readonly uid?: number;
  readonly gid?: number;
}

/** By convention nobody's ids on Linux, used when the machine has no user named postgres. */
const NOBODY_ID = 65_534;

/** Chooses the owner: the current user, or as root the user `postgres` when there is one, else nobody. */
export async function chooseProcessOwner(currentUid: number | undefined = process.getuid?.()): Promise<ProcessOwner> {
  if (currentUid !== 0) return {};
  const passwords = await readFile("/etc/passwd", "utf8").catch(() => ""); // No such file: there is no such user either.
  for (const line of passwords.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === "postgres" && uid !== undefined && gid !== undefined && uid !== "0") {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  return { uid: NOBODY_ID, gid: NOBODY_ID };
}

const EXECUTE_OTHERS = 0o001;
const EXECUTE_GROUP = 0o010;
const EXECUTE_OWNER = 0o100;

/** Whether the owner may pass through every existing folder above `path`. */
export async function canReach(owner: ProcessOwner, path: string): Promise<boolean> {
  if (owner.uid === undefined) return true;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined); // Not there yet: its parent decides.
    if (found !== undefined) {
      const bit = found.uid === owner.uid ? EXECUTE_OWNER : found.gid === owner.gid ? EXECUTE_GROUP : EXECUTE_OTHERS;
      if ((found.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}
