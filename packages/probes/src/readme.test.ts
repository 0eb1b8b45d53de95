import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checks } from "./checks.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const source = readFileSync(new URL("./probe-error.ts", import.meta.url), "utf8");

test("the README has exactly one line for every check, with its title and its sabotage", () => {
  const lines = [...readme.matchAll(/^\| `([A-Za-z]+-[\w-]+)` +\| (.*?) +\| `([a-z0-9-]+)`/gmu)].map((match) =>
    match.slice(1, 4),
  );
  expect(lines).toEqual(checks.map((check) => [check.id, check.title, check.sabotage.name]));
});

test("the README has exactly one line for every error", () => {
  const documented = [...readme.matchAll(/^\| `(probes\/[a-z-]+)`/gmu)].map((match) => match[1]);
  const existing = [...source.matchAll(/"(probes\/[a-z-]+)"/gu)].map((match) => match[1]);
  expect(documented.sort()).toEqual(existing.sort());
});
