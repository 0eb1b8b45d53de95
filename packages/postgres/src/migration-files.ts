// Reads a folder of migrations: numbered, plain SQL, each recorded by the SHA-256 of its bytes.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "./error.ts";

/** One folder of migrations, in whose schema-qualified objects one role is the owner. */
export interface MigrationSet {
  /** Names the set in the record of what was applied, for example "identity". */
  readonly name: string;
  /** Absolute path of a folder with files `0001_name.sql`, `0002_name.sql`, … without a gap. */
  readonly directory: string;
  /** The role the statements run as and that owns what they make; `holdfast_owner` unless said otherwise. */
  readonly role?: "holdfast_owner" | "administrator";
}

export interface MigrationFile {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
const FILES_MAX = 9_999;

/** All files of a set, in order. @throws MigrationError for an unreadable folder, a bad name, a gap or a repeated number. */
export async function readMigrations(set: MigrationSet): Promise<readonly MigrationFile[]> {
  const names = await readdir(set.directory).catch((cause: unknown) => {
    throw new MigrationError("migration/directory-unreadable", {
      expected: `a folder of migrations at ${set.directory}`,
      found: (cause as NodeJS.ErrnoException).code ?? "a failure",
      hint: `Correct the directory of the migration set "${set.name}".`,
      cause,
    });
  });
  const files: MigrationFile[] = [];
  for (const name of names.filter((each) => each.endsWith(".sql")).sort()) {
    const number = Number(NAME.exec(name)?.[1]);
    if (!(number >= 1 && number <= FILES_MAX)) throw badName(set, name);
    const expected = files.length + 1;
    if (number !== expected) throw outOfOrder(set, name, number, expected);
    const bytes = await readFile(join(set.directory, name));
    files.push({
      number,
      name,
      text: bytes.toString("utf8"),
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  }
  return files;
}

const badName = (set: MigrationSet, name: string): MigrationError =>
  new MigrationError("migration/name-invalid", {
    expected: "names like 0001_tables.sql, in lower case",
    found: `${set.name}/${name}`,
    hint: "Rename the file.",
  });

const outOfOrder = (set: MigrationSet, name: string, number: number, expected: number): MigrationError =>
  new MigrationError(number < expected ? "migration/number-repeated" : "migration/number-missing", {
    expected: `migration number ${String(expected).padStart(4, "0")} in the set "${set.name}"`,
    found: name,
    hint:
      number < expected ? "Two files share a number: give the newer one the next." : "A file is missing: restore it.",
  });
