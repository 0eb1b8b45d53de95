import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("the README explains every error code, and no other", async () => {
  const source = await readFile(new URL("./error.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const inUnion = [...source.matchAll(/^ {2}\| "([a-z-]+\/[a-z-]+)"/gm)].map(([, code]) => code);
  const explained = [...readme.matchAll(/^\| `([a-z-]+\/[a-z-]+)`\s+\|/gm)].map(([, code]) => code);
  expect(inUnion.length).toBeGreaterThan(0);
  expect(explained).toEqual(inUnion);
});
