import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("the README explains every error code, and no other", async () => {
  const source = await readFile(new URL("./cli-error.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const inUnion = [...source.matchAll(/^ {2}\| "(cli\/[a-z-]+)"/gm)].map(([, code]) => code);
  const explained = [...readme.matchAll(/^\| `(cli\/[a-z-]+)`\s+\|/gm)].map(([, code]) => code);
  expect(inUnion.length).toBeGreaterThan(5);
  expect(explained).toEqual(inUnion);
});
