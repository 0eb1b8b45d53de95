// A check's version is the hash of its source: a changed check needs new evidence, and cannot inherit the old one's.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const EXTENSION = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/**
 * SHA-256, in hex, of the text of the file that holds the check. From source that is the TypeScript, in a packed package the
 * JavaScript made from it: evidence of one is not evidence of the other.
 */
export function checkVersion(id: string): string {
  return createHash("sha256")
    .update(readFileSync(checkFile(id)))
    .digest("hex");
}

/** The file that holds the check: its id in lower case. */
export function checkFile(id: string): URL {
  return new URL(`./checks/${id.toLowerCase()}${EXTENSION}`, import.meta.url);
}
