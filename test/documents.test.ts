import { existsSync } from "node:fs";
import { join } from "node:path";
import { controls, eventKinds } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import { describe, expect, test } from "vitest";
import { commands } from "../packages/cli/src/commands.ts";
import { referenceText } from "../scripts/reference.ts";
import { read, root, trackedFiles } from "./source-tree.ts";

const documents = trackedFiles().filter((path) => path.endsWith(".md") && !path.includes("/testdata/"));
const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts);
const builtIn = ["ci", "install", "start", "test"];

const missing = {
  paths: (text: string) =>
    [...text.matchAll(/`((?:packages|apps|examples|test|scripts|bench)\/[\w./-]*[\w])`/g)]
      .map((match) => match[1] as string)
      .filter((path) => !existsSync(join(root, path))),
  scripts: (text: string) =>
    [...text.matchAll(/npm run ([a-z:]+)/g)]
      .map((match) => match[1] as string)
      .filter((script) => !scripts.includes(script)),
  commands: (text: string) =>
    [...text.matchAll(/`holdfast ([a-z]+)/g)]
      .map((match) => match[1] as string)
      .filter((name) => name !== "help" && !commands.some((command) => command.name === name)),
};

describe("the documents tell the truth", () => {
  test("there are documents to read", () => {
    expect(documents.length).toBeGreaterThan(12);
  });

  for (const path of documents) {
    test(`${path} names only paths, scripts and commands that exist`, () => {
      const text = read(path);
      expect({ paths: missing.paths(text), scripts: missing.scripts(text), commands: missing.commands(text) }).toEqual({
        paths: [],
        scripts: [],
        commands: [],
      });
    });
  }

  test("a document that names something that is not there would be caught", () => {
    expect(missing.paths("see `packages/nowhere/src/x.ts`")).toEqual(["packages/nowhere/src/x.ts"]);
    expect(missing.scripts("npm run nonsense")).toEqual(["nonsense"]);
    expect(missing.commands("`holdfast fly`")).toEqual(["fly"]);
  });

  test("every script of package.json is said in README.md or is set-up of another", () => {
    const readme = read("README.md");
    const silent = scripts.filter(
      (script) =>
        !/^(pre|setup)/.test(script) &&
        !readme.includes(builtIn.includes(script) ? `npm ${script}` : `npm run ${script}`),
    );
    expect(silent).toEqual([]);
  });

  test("ARCHITECTURE.md says what every folder of identity is for, and of no other", () => {
    const folder = "packages/identity/src/";
    const folders = trackedFiles().flatMap((path) => /^([a-z-]+)\//.exec(path.split(folder)[1] ?? "")?.[1] ?? []);
    const map = read("ARCHITECTURE.md").split("### The rooms of identity\n")[1]?.split("\n### ")[0] ?? "";
    const named = [...map.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect(named.toSorted()).toEqual([...new Set(folders)].toSorted());
  });

  test("README.md names every command", () => {
    const readme = read("README.md");
    expect(commands.map(({ name }) => name).filter((name) => !readme.includes(`| \`holdfast ${name}\` |`))).toEqual([]);
  });

  test("REFERENCE.md is what the code says", () => {
    expect(read("REFERENCE.md")).toBe(referenceText());
  });

  test("every command, control, check and event stands in REFERENCE.md", () => {
    const reference = read("REFERENCE.md");
    const names = [
      ...commands.map((command) => `holdfast ${command.name}`),
      ...controls.map((control) => control.id),
      ...checks.map((check) => check.id),
      ...Object.keys(eventKinds),
    ];
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => !reference.includes(`\`${name}`))).toEqual([]);
  });
});
