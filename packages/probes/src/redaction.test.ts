import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedaction, TRANSCRIPT_TEXT_MAX } from "./redaction.ts";

describe("redaction", () => {
  test("a secret of the run never stands in a transcript, wherever it occurs", () => {
    fc.assert(
      fc.property(
        fc.base64String({ minLength: 12, maxLength: 80 }),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const redaction = createRedaction();
          redaction.hide(secret, "password");
          expect(redaction.apply(`${before}${secret}${after}`)).not.toContain(secret);
        },
      ),
    );
  });

  test("a secret that contains another leaves no tail behind", () => {
    const redaction = createRedaction();
    redaction.hide("abcdef", "short");
    redaction.hide("abcdefghijkl", "long");
    expect(redaction.apply("x abcdefghijkl y")).toBe("x <long> y");
  });

  test("what looks like a token, a cookie of ours or a secret field is removed although nobody named it", () => {
    const redaction = createRedaction();
    const text = redaction.apply(
      'Bearer abc.def {"password":"hunter\\"2"} __Host-access=value; eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    );
    expect(text).not.toMatch(/abc\.def|hunter|value|eyJ/u);
  });

  test("an ordinary sentence stays as it is", () => {
    expect(createRedaction().apply("GET /auth/v1/user as nobody")).toBe("GET /auth/v1/user as nobody");
  });

  test("control characters become visible and long text is cut", () => {
    const text = createRedaction().apply(`\u001b[31m\u202e${"x".repeat(2 * TRANSCRIPT_TEXT_MAX)}`);
    expect(text.startsWith("\\u001b[31m\\u202e")).toBe(true);
    expect(text.length).toBeLessThanOrEqual(TRANSCRIPT_TEXT_MAX);
  });
});
