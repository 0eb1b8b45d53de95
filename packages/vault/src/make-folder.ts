// Makes a folder and those above it, one by one. Node's own recursive mkdir never ends where the system denies a folder with
// ENOENT although its parent is there, as /proc does.
import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

const PRIVATE = 0o700;
const PASSABLE = 0o755;

/** Makes the folder private when it is new; whatever had to be made above it may be passed through. */
export async function makePrivateFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const missing: string[] = [];
  for (let above = dirname(path); !(await isFolder(above)); above = dirname(above)) {
    if (above === dirname(above)) break;
    missing.unshift(above);
  }
  for (const above of missing) await makeOne(above, PASSABLE);
  await makeOne(path, PRIVATE);
}

async function makeOne(path: string, mode: number): Promise<void> {
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isFolder(path))) throw error; // Another process made it meanwhile: that is what was wanted.
  });
  await chmod(path, mode); // Whatever the umask was.
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false, // Not there, or below something that is no folder: making it says which.
  );
