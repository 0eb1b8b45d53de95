import fc from "fast-check";
import { expect, test } from "vitest";
import { commonPasswords } from "./common-passwords.ts";
import { contextWords, isCommonPassword, isTooLong, normalisePassword, passwordWeaknesses } from "./password-policy.ts";

const requirements = { minLength: 12, breached: "refuse" } as const;
const words = contextWords("content", "ada.lovelace@example.test");
const reasons = (password: string) => passwordWeaknesses(normalisePassword(password), requirements, words);

test("passwords that attackers try first are refused, also in a thin disguise", () => {
  const weak = [
    "password1234",
    "Password2026!",
    "P@ssw0rd2025",
    "passwordpassword",
    "123456789012",
    "098765432109",
    "111111111111",
    "abababababab",
    "qwertyuiop12",
    "qwertyuiopasdf",
    "1qaz2wsx3edc",
    "abcdefghijkl",
    "zyxwvutsrqpo",
    "iloveyou2024",
    "Welcome12345",
    "Summer2026!!!",
    "letmeinletmein",
    "administrator",
    "changeme1234",
    "correct horse battery staple",
    "!!!dragon!!!",
  ];
  for (const password of weak) expect(reasons(password), password).toContain("pwned");
});

test("each of the three thousand most common passwords is known", () => {
  const list = [...commonPasswords].slice(0, 3000);
  expect(list).toHaveLength(3000);
  expect(list).toEqual(expect.arrayContaining(["123456", "password", "qwerty", "dragon", "letmein"]));
  for (const password of list) expect(isCommonPassword(password), password).toBe(true);
});

test("words that everybody could guess for this account are refused, alone or with decoration", () => {
  for (const password of ["ada.lovelace.1", "Lovelace-2026", "content123456", "c0ntent-c0ntent", "example!2026ex"]) {
    expect(reasons(password), password).toContain("characters");
  }
});

test("long passphrases are accepted, whatever characters they consist of, also with a context word in them", () => {
  const good = [
    "gravel-otter-lantern-47",
    "tram silver monday cactus",
    "sieben schöne schwäne am see",
    "密码很难猜到的一句长话而已吧",
    "my content lives near forty rivers",
    "xkqvbdlwpzrt",
  ];
  for (const password of good) expect(reasons(password), password).toEqual([]);
});

test("length is counted in characters, after normalisation, and never below the policy's minimum", () => {
  expect(reasons("xkqvbdlwpzr")).toEqual(["length"]);
  expect(reasons("e\u0301".repeat(6))).toContain("length");
  expect(reasons("🦊🌵🚲🪴🧭🎻🛶🧩🪁🥨🦉🍋")).toEqual([]);
});

test("a policy may allow breached passwords, and then only length and context count", () => {
  expect(passwordWeaknesses("password1234", { minLength: 8, breached: "allow" }, [])).toEqual([]);
});

test("1024 bytes are accepted and 1025 are not, whatever they spell", () => {
  expect(isTooLong("é".repeat(512))).toBe(false);
  expect(isTooLong(`${"é".repeat(512)}a`)).toBe(true);
});

test("any text gets an answer, and the same one twice", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(reasons(text)).toEqual(reasons(text));
    }),
  );
});
