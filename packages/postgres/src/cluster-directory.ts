// The one directory an embedded cluster lives in: a marker that says it is ours, the data, the socket and the server's log.
// Nothing outside it is written, and a directory that is not ours is never touched.
import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { REACHABLE_ROOT } from "./binaries.ts";
import { ClusterError } from "./error.ts";
import { makePassableFolder, makePrivateFolder } from "./make-folder.ts";
import { canReach, type ProcessOwner } from "./unprivileged-user.ts";

/** The places inside a cluster's directory, absolute. */
export interface ClusterDirectory {
  readonly root: string;
  readonly data: string;
  readonly sockets: string;
  readonly log: string;
  readonly configuration: string;
  readonly hostRules: string;
  readonly ownerFile: string;
}

/** sun_path is 108 bytes with its final zero on Linux (104 on macOS); PostgreSQL appends `/.s.PGSQL.5432`. */
const SOCKET_FOLDER_BYTES_MAX = 88;
const MARKER = "holdfast-cluster.json";
const PRIVATE = 0o700;

/** Prepares the directory for the owner; creates it when missing. */
export async function openClusterDirectory(
  asked: string,
  owner: ProcessOwner,
  progress: (message: string) => void,
): Promise<ClusterDirectory> {
  const path = resolve(asked);
  const root = (await canReach(owner, path)) ? path : await relocate(path, progress);
  try {
    await makePrivateFolder(root);
    await markAsOurs(root);
    await chmod(root, PRIVATE);
    await giveTo(owner, root);
    const sockets = await socketFolder(root);
    await giveTo(owner, sockets);
    return {
      root,
      sockets,
      data: join(root, "data"),
      log: join(root, "postgres.log"),
      configuration: join(root, "postgresql.conf"),
      hostRules: join(root, "pg_hba.conf"),
      ownerFile: join(root, "owner.json"),
    };
  } catch (cause) {
    if (cause instanceof ClusterError) throw cause;
    throw unwritable(root, cause);
  }
}

/** Gives a file or folder to the user that runs PostgreSQL; nothing to do when that is the current user. */
export async function giveTo(owner: ProcessOwner, path: string): Promise<void> {
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(path, owner.uid, owner.gid);
}

const unwritable = (root: string, cause: unknown): ClusterError =>
  new ClusterError("cluster/directory-unwritable", {
    expected: `to be able to write in ${root}`,
    found: (cause as NodeJS.ErrnoException).code ?? "a failure",
    hint: "Choose another data directory, or make this one writable; nothing was changed.",
    cause,
  });

/** Only root comes here: its own folders are closed to the unprivileged user, so the data lives where it can go. */
async function relocate(path: string, progress: (message: string) => void): Promise<string> {
  const name = createHash("sha256").update(path).digest("hex").slice(0, 16);
  const place = join(REACHABLE_ROOT, `cluster-${name}`);
  const found = await lstat(path).catch(() => undefined); // Not there yet.
  if (found?.isDirectory() === true && (await readdir(path)).length > 0) {
    throw new ClusterError("cluster/directory-not-ours", {
      expected: `${path} to be empty or reachable by an unprivileged user`,
      found: "a folder with content below a closed one",
      hint: "PostgreSQL does not run as root: choose a directory outside root's own folders.",
    });
  }
  try {
    await makePassableFolder(REACHABLE_ROOT);
    await chmod(REACHABLE_ROOT, 0o755); // Whatever the umask was, or whoever made it: the unprivileged user passes through.
    await makePrivateFolder(place);
    await makePassableFolder(dirname(path));
    if (found?.isDirectory() === true) await rm(path, { recursive: true });
    if (found?.isSymbolicLink() !== true) await symlink(place, path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  progress(`PostgreSQL does not run as root and ${dirname(path)} is closed to others: its data is in ${place}`);
  return place;
}

async function markAsOurs(root: string): Promise<void> {
  const content = await readdir(root);
  if (content.includes(MARKER)) return;
  if (content.length > 0) {
    throw new ClusterError("cluster/directory-not-ours", {
      expected: `${root} to be empty or a cluster that Holdfast made`,
      found: `${content.length} other files, such as ${content[0]}`,
      hint: "Choose another data directory; this one was left as it is.",
    });
  }
  const marker = { what: "A PostgreSQL cluster of Holdfast. Stop Holdfast before you move or copy this folder." };
  await writeFile(join(root, MARKER), `${JSON.stringify(marker, null, 2)}\n`, { mode: 0o600 });
}

async function socketFolder(root: string): Promise<string> {
  const inside = join(root, "socket");
  if (Buffer.byteLength(inside) <= SOCKET_FOLDER_BYTES_MAX) {
    await makePrivateFolder(inside);
    return inside;
  }
  return mkdtemp(join(tmpdir(), "holdfast-socket-")); // Private and unpredictable, so nobody can be there first.
}

/** Removes a socket folder that had to be made outside the cluster's directory. */
export async function removeSocketFolder(directory: ClusterDirectory): Promise<void> {
  if (basename(directory.sockets).startsWith("holdfast-socket-"))
    await rm(directory.sockets, { recursive: true, force: true });
}

/** The major version that made the data, or undefined when there is none yet. */
export async function dataVersion(directory: ClusterDirectory): Promise<string | undefined> {
  const content = await readdir(directory.data).catch(() => undefined); // Not created yet.
  if (content === undefined) return undefined;
  const version = await readFile(join(directory.data, "PG_VERSION"), "utf8").catch(() => undefined); // Judged below.
  if (version === undefined || !/^\d+\s*$/.test(version)) throw damaged(directory, "no readable PG_VERSION");
  return version.trim();
}

/** The error for data that PostgreSQL cannot start from. */
export function damaged(directory: ClusterDirectory, found: string, cause?: unknown): ClusterError {
  return new ClusterError("cluster/data-damaged", {
    expected: `an intact PostgreSQL data directory in ${directory.data}`,
    found,
    hint: "Nothing was changed. Restore a backup, or move the folder away to start empty.",
    cause,
  });
}
