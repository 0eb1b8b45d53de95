// Keys do not belong in a repository: a vault inside a git work tree is refused unless git ignores it.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { VaultError } from "./error.ts";

const IGNORED = 0;
const NOT_A_WORK_TREE = 128;
const TIMEOUT_MS = 10_000;

/** @throws VaultError `vault/inside-work-tree` when git would take the folder's files into a commit, or nobody can say. */
export async function refuseWorkTree(directory: string): Promise<void> {
  const path = resolve(directory);
  if (!isBelowRepository(path)) return;
  const code = await checkIgnore(path);
  if (code === IGNORED || code === NOT_A_WORK_TREE) return;
  throw new VaultError("vault/inside-work-tree", {
    expected: `${path} to be outside of every git work tree, or ignored there`,
    found: code === undefined ? "one inside, and no git to ask" : "one inside that git does not ignore",
    hint: "Add the folder to .gitignore and take it out of the index (git rm --cached), or choose another folder.",
  });
}

function isBelowRepository(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return true;
    if (folder === dirname(folder)) return false;
  }
}

/** git's exit code; undefined where there is no git. A file that is tracked already does not count as ignored. */
async function checkIgnore(path: string): Promise<number | undefined> {
  // A folder in the environment would make git speak of another repository.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  const args = ["-c", "safe.directory=*", "check-ignore", "--quiet", join(path, "root.key")];
  try {
    const options = { cwd: existingFolder(path), env: environment, timeout: TIMEOUT_MS };
    await promisify(execFile)("git", args, options);
    return IGNORED;
  } catch (error) {
    const { code } = error as { code?: number | string };
    return typeof code === "number" ? code : undefined;
  }
}

const existingFolder = (path: string): string => (existsSync(path) ? path : existingFolder(dirname(path)));
