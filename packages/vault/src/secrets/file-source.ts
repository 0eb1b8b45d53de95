// Files that somebody else writes, as Kubernetes mounts a Secret: a symlink to a folder that is swapped as a whole, so that a name
// leads to the old file or to the new one. Read anew each time; nothing is watched.
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { VaultError } from "../error.ts";
import { type FoundSecret, SECRET_VALUE_BYTES_MAX, type SecretSource } from "./secret-source.ts";

/** A swap takes the old folder away while it is looked at: the next look finds the new one. */
const LOOKS_MAX = 3;
/** Somebody else could put another secret in its place. Reading is left to the mount: Kubernetes gives 0644 inside a private one. */
const WRITABLE_BY_OTHERS = 0o022;

export function fileSource(): SecretSource {
  return {
    async read(at) {
      for (let look = 1; ; look += 1) {
        try {
          return await readOnce(at);
        } catch (cause) {
          const { code } = cause as NodeJS.ErrnoException;
          if (cause instanceof VaultError) throw cause;
          if (code === "ENOENT" && look === LOOKS_MAX) return undefined;
          if (code !== "ENOENT") throw unavailable(at, code ?? "a failure", cause);
        }
      }
    },
  };
}

async function readOnce(at: string): Promise<FoundSecret> {
  const file = await open(at, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await readOpen(at, file);
  } finally {
    await file.close();
  }
}

async function readOpen(at: string, file: FileHandle): Promise<FoundSecret> {
  const found = await file.stat();
  if (!found.isFile()) throw unavailable(at, "something that is no file");
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) throw unavailable(at, "a file that others may write");
  if (found.size > SECRET_VALUE_BYTES_MAX) throw unavailable(at, `more than ${SECRET_VALUE_BYTES_MAX} bytes`);
  // An editor ends a file with a line break that is no part of the secret.
  const value = (await file.readFile("utf8")).replace(/\r?\n$/, "");
  if (value === "" || value.includes("\uFFFD"))
    throw unavailable(at, value === "" ? "an empty file" : "bytes that are no text");
  return { value, changedAt: found.mtimeMs };
}

const unavailable = (at: string, found: string, cause?: unknown): VaultError =>
  new VaultError("vault/secret-unavailable", {
    expected: `a file of text that only its owner may write at ${at}`,
    found,
    hint: "Mount the secret there, readable for this user.",
    cause,
  });
