// A folder for what nobody keeps: clusters of tests and proofs. In memory where there is plenty, since making and removing thousands of
// small files, as PostgreSQL does for each database, costs a disk's file system several times as much. Whoever asks removes it.
import { mkdtemp, readFile, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The file system in memory that Linux has. Containers often keep it small, and then it is not used. */
const MEMORY = "/dev/shm";

/** Makes a folder named `prefix` and something random, in memory if `bytes` are free there twice over, unless TMPDIR names another place. */
export async function makeThrowawayFolder(prefix: string, bytes: number, memory = MEMORY): Promise<string> {
  const place = process.env["TMPDIR"] === undefined && (await hasRoom(memory, 2 * bytes)) ? memory : tmpdir();
  return mkdtemp(join(place, prefix));
}

/** Room in the file system, and in what this process may still use of the machine. Programs must be able to run from there. */
async function hasRoom(memory: string, bytes: number): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(memory);
    const mounts = await readFile("/proc/self/mounts", "utf8");
    const mount = mounts.split("\n").findLast((line) => line.split(" ")[1] === memory);
    const options = mount?.split(" ")[3]?.split(",");
    return (
      options !== undefined &&
      !options.includes("ro") &&
      !options.includes("noexec") &&
      Math.min(bavail * bsize, process.availableMemory()) >= bytes
    );
  } catch {
    return false; // There is no such file system: another operating system.
  }
}
