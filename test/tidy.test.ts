import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, isCode, isTest, read, resolveRelative, trackedFiles } from "./source-tree.ts";

const LINES_MAX = 400;
const HEADER_LINES_MAX = 5;
const bannedNames =
  /^(utils?|helpers?|common|shared|misc|lib|libs|types|manager|managers|service|services|core)(\.[a-z-]+)*$/;
const mayExportDefault = /(^|\/)(security|deployment)\.ts$|\.config\.ts$|(^|\/)testdata\//;
const forbiddenWords = new RegExp(["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|"));

const files = trackedFiles();
const code = files.filter(isCode);

function longFiles(lengths: readonly (readonly [string, number])[]): readonly string[] {
  return lengths.filter(([, lines]) => lines > LINES_MAX).map(([path, lines]) => `${path}: ${lines} lines`);
}

/** Runtime and type imports alike: a circle of types is a circle. */
function circles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const state = new Map<string, "open" | "done">();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

describe("the repository is tidy", () => {
  test(`no source file is longer than ${LINES_MAX} lines`, () => {
    const sources = files.filter((path) => /\.(ts|tsx|sql|css)$/.test(path) && !path.includes("/testdata/"));
    expect(sources.length).toBeGreaterThan(100);
    expect(longFiles(sources.map((path) => [path, read(path).split("\n").length] as const))).toEqual([]);
    expect(longFiles([["long.ts", LINES_MAX + 1]])).toHaveLength(1);
  });

  test("no file or folder is a drawer", () => {
    const drawers = files.filter(
      (path) => path.split("/").some((part) => bannedNames.test(part)) && !path.includes("/testdata/"),
    );
    expect(drawers).toEqual([]);
    expect(bannedNames.test("utils.ts")).toBe(true);
    expect(bannedNames.test("helpers")).toBe(true);
    expect(bannedNames.test("service-key.ts")).toBe(false);
  });

  test("file names are kebab-case", () => {
    const odd = code.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.tsx?$/.test(basename(path)));
    expect(odd).toEqual([]);
  });

  test("nothing is exported as default, save policies, deployments and tool configuration", () => {
    const defaults = code.filter((path) => !mayExportDefault.test(path) && /^export default /m.test(read(path)));
    expect(defaults).toEqual([]);
  });

  test("no imports form a circle, types included", () => {
    const graph = new Map(
      code.map((path) => [
        path,
        importsOf(path)
          .filter((imported) => imported.specifier.startsWith("."))
          .map((imported) => resolveRelative(path, imported.specifier)),
      ]),
    );
    expect(circles(graph)).toEqual([]);
    expect(
      circles(
        new Map([
          ["a", ["b"]],
          ["b", ["a"]],
        ]),
      ),
    ).toEqual(["a → b → a"]);
  });

  test("index.ts lists public names and holds no code", () => {
    for (const path of code.filter((each) => /^packages\/[^/]+\/src\/index\.ts$/.test(each))) {
      const statements = read(path)
        .replaceAll(/\/\*[\s\S]*?\*\//g, "")
        .replaceAll(/\/\/.*$/gm, "")
        .replaceAll(/(export|import)\s[^;]*?\sfrom\s+"[^"]+";/g, "")
        .trim();
      expect(statements, path).toBe("");
    }
  });

  test("there is no barrel inside a package", () => {
    const barrels = code.filter(
      (path) => basename(path).startsWith("index.") && !/^packages\/[^/]+\/src\/index\.ts$/.test(path),
    );
    expect(barrels).toEqual([]);
  });

  test(`a file opens with at most ${HEADER_LINES_MAX} lines of comment, and nothing is left for later`, () => {
    for (const path of code) {
      const text = read(path);
      const header = /^(?:\/\/.*\n)+/.exec(text)?.[0].trimEnd().split("\n").length ?? 0;
      expect(header, path).toBeLessThanOrEqual(HEADER_LINES_MAX);
      expect(forbiddenWords.test(text), path).toBe(false);
    }
  });

  test("every catch says why", () => {
    const silent = code
      .filter((path) => !isTest(path))
      .flatMap((path) =>
        [...read(path).matchAll(/catch\s*(?:\([^)]*\))?\s*\{\s*\}/g)].map((match) => `${path}: ${match[0]}`),
      );
    expect(silent).toEqual([]);
  });
});
