// The README against the code, both ways: endpoints, events, options.
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { eventKinds } from "@holdfast/policy";
import { expect, test } from "vitest";
import { routes } from "./routes.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const section = (title: string) => (readme.split(`\n## ${title}\n`)[1] ?? "").split("\n## ")[0] ?? "";
const firstCells = (title: string) => [...section(title).matchAll(/^\| `([^`]+)` +\|/gm)].map(([, cell]) => cell);
const sources = globSync("**/*.ts", { cwd: folder, exclude: ["**/*.test.ts", "testing/**"] }).map((file) =>
  readFileSync(`${folder}/${file}`, "utf8"),
);

test("every endpoint is documented, and no other", () => {
  const documented = new Set(firstCells("Endpoints").map((cell) => cell?.replace(/\?.*$/, "")));
  expect([...documented].sort()).toEqual(Object.keys(routes).sort());
});

test("every event that is emitted is documented, and no other", () => {
  const emitted = Object.keys(eventKinds).filter((name) => sources.some((text) => text.includes(`"${name}"`)));
  expect(firstCells("Events").sort()).toEqual(emitted.sort());
});

test("every reason of an event is documented", () => {
  const reasons = sources.flatMap((text) => [...text.matchAll(/reason: "([a-z-]+)"/g)].map(([, reason]) => reason));
  for (const reason of reasons) expect(section("Events"), reason).toContain(`\`${reason}\``);
});

test("every cause of a session's end is documented", () => {
  const source = readFileSync(`${folder}/session/end-sessions.ts`, "utf8");
  const causes = [...source.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, cause]) => cause);
  expect(causes.length).toBeGreaterThan(10);
  for (const cause of causes) expect(section("Events"), cause).toContain(`\`${cause}\``);
});

test("every option is documented, and no other", () => {
  const source = readFileSync(`${folder}/identity.ts`, "utf8");
  const options = source.slice(
    source.indexOf("interface IdentityOptions {"),
    source.indexOf("export interface Identity {"),
  );
  const names = [...options.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  expect(firstCells("Configuration").sort()).toEqual(names.sort());
});
