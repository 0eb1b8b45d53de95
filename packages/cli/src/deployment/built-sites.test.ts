import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildSite, type SiteSource } from "./built-sites.ts";

let folder: string;
let site: SiteSource;
const builds: string[] = [];
const build = (): Promise<string> => buildSite(site, (text) => builds.push(text));
const write = (text: string): void =>
  writeFileSync(join(folder, "index.html"), `<!doctype html><title>${text}</title>`);
const lastUsed = (directory: string, minutesAgo: number): void => {
  const at = new Date(Date.now() - minutesAgo * 60_000);
  utimesSync(directory, at, at);
};
const titleIn = (directory: string): string =>
  /<title>(.*)<\/title>/.exec(readFileSync(join(directory, "index.html"), "utf8"))?.[1] ?? "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-built-"));
  site = { source: folder, built: join(folder, "dist"), dependsOn: [] };
  builds.length = 0;
  write("first");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the pages of a site", () => {
  test("are built once for one state of their sources", async () => {
    const directory = await build();
    expect(titleIn(directory)).toBe("first");
    expect(await build()).toBe(directory);
    expect(builds).toHaveLength(1);
  });

  test("stay whole while they are built anew, for a deployment that starts meanwhile", async () => {
    const before = await build();
    write("second");
    let isBuilding = true;
    const rebuilt = build().finally(() => {
      isBuilding = false;
    });
    let looked = 0;
    while (isBuilding) {
      expect(titleIn(before)).toBe("first");
      looked += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(looked).toBeGreaterThan(1);
    expect(titleIn(await rebuilt)).toBe("second");
    expect(titleIn(before)).toBe("first");
  });

  test("may be built by two at once, and both get the finished ones", async () => {
    const [one, two] = await Promise.all([build(), build()]);
    expect(one).toBe(two);
    expect(titleIn(one)).toBe("first");
    expect(readdirSync(site.built)).toHaveLength(1);
  });

  test("lie in a folder that holds nothing but pages: no stamp, nothing hidden", async () => {
    expect(readdirSync(await build())).toEqual(["index.html"]);
  });

  test("that cannot be built leave no half-built folder behind, and the finished ones alone", async () => {
    const before = await build();
    writeFileSync(join(folder, "index.html"), '<script type="module" src="/missing.js"></script>');
    await expect(build()).rejects.toMatchObject({ code: "cli/site-build-failed" });
    expect(readdirSync(site.built)).toHaveLength(1);
    expect(titleIn(before)).toBe("first");
  });

  test("of long ago are removed, as is what a killed build left behind; who builds at the moment is left alone", async () => {
    const left = join(site.built, "building-2147483646-abc");
    const others = join(site.built, `building-${process.ppid}-abc`);
    for (const path of [left, others]) mkdirSync(path, { recursive: true });
    const directories: string[] = [];
    for (const text of ["1", "2", "3", "4", "5"]) {
      write(text);
      directories.push(await build());
      for (const [age, directory] of directories.toReversed().entries()) lastUsed(directory, age + 1);
    }
    expect(directories.map((directory) => existsSync(directory))).toEqual([true, true, true, true, true]);
    for (const directory of directories) lastUsed(directory, 60);
    write("2");
    expect(await build()).toBe(directories[1]);
    write("6");
    const newest = await build();
    expect(existsSync(newest)).toBe(true);
    expect(existsSync(directories[1] as string), "used a moment ago").toBe(true);
    expect(directories.filter((directory) => existsSync(directory))).toHaveLength(2);
    expect([existsSync(left), existsSync(others)]).toEqual([false, true]);
  }, 60_000);
});
