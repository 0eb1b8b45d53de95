import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { REDACTED, STRING_LENGTH_MAX, sanitiseDetail, sanitiseText } from "./sanitise.ts";

describe("text from outside", () => {
  test("ordinary text in any script is kept as it is", () => {
    for (const text of ["GET /api/content/:id", "Zoë 山田 🙂", "a-b_c.d@example.com"])
      expect(sanitiseText(text)).toBe(text);
  });

  test("a line break cannot forge a second line, an escape cannot drive a terminal, an override cannot turn text around", () => {
    expect(sanitiseText("a\r\nb")).toBe("a\\u{d}\\u{a}b");
    expect(sanitiseText("\u001b[2J")).toBe("\\u{1b}[2J");
    expect(sanitiseText("\u009b2J")).toBe("\\u{9b}2J");
    expect(sanitiseText("admin\u202enimda")).toBe("admin\\u{202e}nimda");
    expect(sanitiseText("a\u2028b\u2029c\u200bd\ufeff")).toBe("a\\u{2028}b\\u{2029}c\\u{200b}d\\u{feff}");
    expect(sanitiseText("\ud800x")).toBe("\\u{d800}x");
  });

  test("a token in a value is redacted, a key that names a secret is dropped", () => {
    expect(sanitiseText("Bearer abcdefghijkl")).toBe(REDACTED);
    expect(sanitiseText("t eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln x")).toBe(`t ${REDACTED} x`);
    expect(
      sanitiseDetail({ password: "a", refreshToken: "b", attempts: 3, "bad key": 1, nested: {}, ok: true }),
    ).toEqual({
      attempts: 3,
      ok: true,
    });
  });

  test("nothing that comes out is dangerous, unpaired or too long, whatever went in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const safe = sanitiseText(text);
        expect(safe.length).toBeLessThanOrEqual(STRING_LENGTH_MAX);
        expect(safe.isWellFormed()).toBe(true);
        expect(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(safe)).toBe(false);
        expect(sanitiseText(safe)).toBe(safe);
      }),
    );
  });

  test("at most sixteen details are kept", () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, index]));
    expect(Object.keys(sanitiseDetail(many))).toHaveLength(16);
  });
});
