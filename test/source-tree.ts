// Reads the repository as its tests see it: which files there are, and what each imports. Text only; nothing is run.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");

export interface Room {
  readonly path: string;
  readonly mayImport: readonly string[];
  readonly mayImportTypes?: readonly string[];
  readonly pure?: boolean;
  readonly purpose: string;
  readonly inner?: Readonly<Record<string, readonly string[]>>;
}

export interface Ladder {
  readonly rooms: Readonly<Record<string, Room>>;
  readonly planned: Readonly<Record<string, string>>;
}

export const ladder = JSON.parse(readFileSync(join(root, "ladder.json"), "utf8")) as Ladder;

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Every file git tracks or would track, relative to the root, sorted. */
export function trackedFiles(): readonly string[] {
  const listing = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listing.split("\n").filter((path) => path !== "" && existsSync(join(root, path)));
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|mts)$/.test(path);
}

/** Tests, test data and test support: may import what the code itself may not. */
export function isTest(path: string): boolean {
  return (
    /\.(test|fuzz\.test|test-d)\.tsx?$/.test(path) ||
    /(^|\/)(testdata|testing|test)\//.test(path) ||
    path.endsWith("/src/testing.ts")
  );
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const staticImport = /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/g;
const dynamicImport = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

export function importsOf(path: string): readonly Import[] {
  const text = read(path);
  const found: Import[] = [];
  for (const match of text.matchAll(staticImport)) {
    found.push({ specifier: match[3] as string, typeOnly: match[2] !== undefined });
  }
  for (const match of text.matchAll(dynamicImport)) found.push({ specifier: match[1] as string, typeOnly: false });
  return found;
}

/** The file a relative import names, relative to the root. */
export function resolveRelative(from: string, specifier: string): string {
  return relative(root, resolve(root, dirname(from), specifier));
}

export function roomOf(path: string): string | undefined {
  return Object.entries(ladder.rooms).find(([, room]) => path.startsWith(`${room.path}/`))?.[0];
}
