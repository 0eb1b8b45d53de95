import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { problems, problemType } from "./problem.ts";
import { stepNames } from "./step.ts";

const source = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");
const readme = source("../README.md");

/** The first cells of the table under a heading. */
function cellsOf(heading: string): readonly (readonly string[])[] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/^ {2}\| "([^"]+)"/gm)].map(([, name]) => name ?? "");

test("the README lists the steps in their order, and no other", () => {
  expect(cellsOf("Steps").map(([name]) => name)).toEqual([...stepNames]);
});

test("the README explains every problem with its type, status and event, and no other", () => {
  const documented = cellsOf("Problems").map(([type, status, event]) => [type, status, event]);
  const existing = Object.entries(problems).map(([code, kind]) => [
    problemType(code as keyof typeof problems),
    String(kind.status),
    kind.event,
  ]);
  expect(documented).toEqual(existing);
});

test("the README explains every error code, and no other", () => {
  const codes = quoted(source("error.ts"));
  expect(codes.length).toBeGreaterThan(5);
  expect(cellsOf("Errors at boot").map(([code]) => code)).toEqual(codes);
});

test("the README explains every reason for which a token is refused, and no other", () => {
  const [, union = ""] = source("token-verifier.ts").split("export type TokenReason =");
  const reasons = quoted(union.split(";")[0] ?? "");
  expect(reasons.length).toBeGreaterThan(10);
  expect(cellsOf("Tokens").map(([reason]) => reason)).toEqual(reasons);
});
