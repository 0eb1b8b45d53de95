// PostgreSQL's backup manifest (PostgreSQL 18 chapter 69): every file of the data directory with its size and SHA-256, and a
// hash of the list itself.
import { createHash } from "node:crypto";
import { BackupError } from "../error.ts";

export interface ManifestFile {
  readonly bytes: number;
  readonly sha256: string;
}

interface ManifestDocument {
  readonly Files: readonly {
    readonly Path?: string;
    readonly "Encoded-Path"?: string;
    readonly Size: number;
    readonly Checksum: string;
    readonly "Checksum-Algorithm": string;
  }[];
  readonly "Manifest-Checksum": string;
}

/** The files by their paths below the data directory. @throws BackupError */
export function parseManifest(text: Buffer): ReadonlyMap<string, ManifestFile> {
  const marker = text.lastIndexOf('"Manifest-Checksum"');
  if (marker === -1) throw differs("a manifest without its own hash");
  let document: ManifestDocument;
  try {
    document = JSON.parse(text.toString("utf8")) as ManifestDocument;
  } catch (cause) {
    throw differs("a manifest that cannot be read", cause);
  }
  // The hash is over everything before its own line.
  const found = createHash("sha256").update(text.subarray(0, marker)).digest("hex");
  if (found !== document["Manifest-Checksum"]) throw differs("a manifest whose own hash does not fit");
  const files = new Map<string, ManifestFile>();
  for (const file of document.Files) {
    if (file["Checksum-Algorithm"] !== "SHA256") throw differs(`a file hashed with ${file["Checksum-Algorithm"]}`);
    const path = file.Path ?? Buffer.from(file["Encoded-Path"] ?? "", "hex").toString("utf8");
    files.set(path, { bytes: file.Size, sha256: file.Checksum });
  }
  return files;
}

/** The error for data that is not what PostgreSQL listed. */
export const differs = (found: string, cause?: unknown): BackupError =>
  new BackupError("backup/manifest-differs", {
    expected: "the files that PostgreSQL listed when it made the backup",
    found,
    hint: "Use another backup. The pieces were authentic, so the server's disk or memory is to be suspected.",
    cause,
  });
