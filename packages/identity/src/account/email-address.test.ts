import { expect, test } from "vitest";
import { isEmailAddress, normaliseEmail } from "./email-address.ts";

test("spellings of one address become one text", () => {
  for (const text of ["Ada@Example.Test", " ada@example.test ", "ａｄａ@example.test", "ada＠example.test"]) {
    expect(normaliseEmail(text)).toBe("ada@example.test");
  }
});

test("addresses people have are accepted", () => {
  for (const text of [
    "a@b.test",
    "ada+tag@example.test",
    "o'hara@example.test",
    "admin@localhost",
    "x@xn--bcher-kva.example",
  ]) {
    expect(isEmailAddress(normaliseEmail(text)), text).toBe(true);
  }
});

test("what is no address, or one that could be taken for another, is refused", () => {
  const bad = [
    "",
    "a",
    "@b.test",
    "a@",
    "a@@b.test",
    "a b@c.test",
    "a@b..test",
    "a@-b.test",
    "аda@example.test",
    "ada@exаmple.test",
    "ada@example.test\n",
    '"a"@b.test',
    "a@[127.0.0.1]",
    `${"a".repeat(65)}@b.test`,
    `a@${"b".repeat(64)}.test`,
    `a@${"b.".repeat(130)}test`,
    "a@b.test,c@d.test",
  ];
  for (const text of bad) expect(isEmailAddress(text.normalize("NFKC").toLowerCase()), text).toBe(false);
});
