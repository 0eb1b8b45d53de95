import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildAll, publishablePackages } from "../scripts/build.ts";
import { root } from "./source-tree.ts";

const INSTALL_MS_MAX = 240_000;
const folder = mkdtempSync(join(tmpdir(), "holdfast-packed-"));
const tarballs = join(folder, "tarballs");
const empty = join(folder, "empty");
const packages = publishablePackages();

function npm(args: readonly string[], cwd: string): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function entriesOf(packageFolder: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(root, packageFolder, "package.json"), "utf8")) as {
    exports: Record<string, unknown>;
  };
  return Object.keys(manifest.exports).map((key) => key.slice(1));
}

/** Entries that only make sense inside the repository's own tests. */
const testingEntries = new Set(["/testing"]);

describe("packed for npm", () => {
  beforeAll(async () => {
    await buildAll();
    for (const path of [tarballs, empty]) execFileSync("mkdir", ["-p", path]);
    npm(["pack", "--pack-destination", tarballs, ...packages.flatMap(({ name }) => ["-w", name])], root);
    writeFileSync(join(empty, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
    const files = readdirSync(tarballs).map((file) => join(tarballs, file));
    npm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", "react@19", ...files], empty);
  }, INSTALL_MS_MAX);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, folder: packageFolder } of packages) {
    for (const entry of entriesOf(packageFolder).filter((each) => !testingEntries.has(each))) {
      test(`${name}${entry} imports in an empty folder`, () => {
        const script = `const loaded = await import(${JSON.stringify(name + entry)}); console.log(typeof loaded)`;
        expect(
          execFileSync(process.execPath, ["--input-type=module", "-e", script], {
            cwd: empty,
            encoding: "utf8",
          }).trim(),
        ).toBe("object");
      });
    }
  }

  test("the packed command answers", () => {
    const output = execFileSync(process.execPath, [join(empty, "node_modules/.bin/holdfast"), "help"], {
      cwd: empty,
      encoding: "utf8",
    });
    expect(output).toContain("prove");
  });

  test("the packed command carries the console", () => {
    expect(existsSync(join(empty, "node_modules/holdfast/dist/console/index.html"))).toBe(true);
  });

  test("no tarball holds a test, a source map or a path of this machine", () => {
    for (const file of readdirSync(tarballs)) {
      const listing = execFileSync("tar", ["-tzf", join(tarballs, file)], { encoding: "utf8" });
      expect(listing, file).not.toMatch(/\.test\.|\.map$|testdata/m);
      const content = execFileSync("tar", ["-xzOf", join(tarballs, file)], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(content.includes(root), file).toBe(false);
    }
  });
});
