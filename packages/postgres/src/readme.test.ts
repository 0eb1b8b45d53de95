import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { auditFaults } from "./audit/audit-fault.ts";

test("the README explains every error code, and no other", async () => {
  const source = await readFile(new URL("./error.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const inUnion = [...source.matchAll(/^ {2}\| "([a-z-]+\/[a-z-]+)"/gm)].map(([, code]) => code);
  const explained = [...readme.matchAll(/^\| `([a-z-]+\/[a-z-]+)`\s+\|/gm)].map(([, code]) => code);
  expect(inUnion.length).toBeGreaterThan(0);
  expect(explained).toEqual(inUnion);
});

test("the README explains every option of the pool, and no other", async () => {
  const source = await readFile(new URL("./database-pool.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const options = /export interface PoolOptions \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
  const inSource = [...options.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name);
  const table = /## Pool\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? "";
  const explained = [...table.matchAll(/^\| `(\w+)`\s+\|/gm)].map(([, name]) => name);
  expect(inSource.length).toBeGreaterThan(0);
  expect(explained.toSorted()).toEqual(inSource.toSorted());
});

test("the README explains every fault of an audit log, and no other", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const table = /## Audit\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? "";
  const explained = [...table.matchAll(/^\| `([a-z-]+)` +\| ([^|]+) \|/gm)].slice(-Object.keys(auditFaults).length);
  expect(Object.fromEntries(explained.map(([, kind, sentence]) => [kind, sentence]))).toEqual(auditFaults);
});
