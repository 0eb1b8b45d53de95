import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import packageFile from "../package.json" with { type: "json" };

const root = new URL(".", import.meta.url);
const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".ts") && !/\.test\.ts$|\.test-d\.ts$/.test(name) && !name.startsWith("testing"),
);

test("the policy touches nothing: no imports from outside, no clock, no chance, no I/O", () => {
  expect(sources.length).toBeGreaterThan(30);
  for (const name of sources) {
    const text = readFileSync(new URL(name, root), "utf8");
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target]) => target);
    expect(
      imports.filter((target) => !target?.startsWith(".")),
      name,
    ).toEqual([]);
    expect(text, name).not.toMatch(
      /Date\.now|new Date\(\)|Math\.random|performance\.|process\.|globalThis|fetch\(|setTimeout|crypto\./,
    );
  }
  expect(packageFile.dependencies).toEqual({});
});
