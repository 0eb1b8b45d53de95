import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { attackList } from "./attack-list.ts";
import { checkById } from "./checks.ts";
import { knownAttacks } from "./known-attacks.ts";

const root = new URL("../../../", import.meta.url);
const isTest = (by: string): boolean => by.endsWith(".test.ts");

test("every attack of the list on tokens, sessions, sign-in and OAuth is a check", () => {
  const ids = Object.keys(attackList).filter((id) => /^(?:JWT|SES|MFA|OAU)-/u.test(id));
  expect(ids).toHaveLength(34);
  for (const id of ids) expect(checkById(id)?.id).toBe(id);
});

test("every known attack is tried by checks that exist, or says why none can and which test holds what it would break", () => {
  expect(new Set(knownAttacks.map(({ id }) => id)).size).toBe(knownAttacks.length);
  for (const { id, attack, by, why } of knownAttacks) {
    expect(attack, id).toMatch(/^[A-Z].*\.$/u);
    expect(by.length, id).toBeGreaterThan(0);
    for (const one of by.filter((each) => !isTest(each))) expect(checkById(one)?.id, id).toBe(one);
    for (const file of by.filter(isTest)) expect(existsSync(new URL(file, root)), `${id}: ${file}`).toBe(true);
    expect(by.some(isTest), id).toBe(why !== undefined);
  }
});

test("the README has exactly one line for every known attack", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, section = ""] = readme.split("## Known attacks\n");
  const lines = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gmu)].map((match) =>
    match.slice(1, 4),
  );
  expect(lines.slice(2)).toEqual(
    knownAttacks.map(({ id, attack, by, why }) => [
      id,
      attack,
      by.map((one) => `\`${one}\``).join(", ") + (why === undefined ? "" : `: ${why}`),
    ]),
  );
});
