import { describe, expect, test } from "vitest";
import { sanitizeRedirect } from "./sanitize-redirect.ts";

describe("sanitizeRedirect", () => {
  test.each(["/", "/content/1?x=1#y", "/a-b/c_d", "/search?q=https%3A%2F%2Felsewhere.test"])("keeps %s", (path) => {
    expect(sanitizeRedirect(path)).toBe(path);
  });

  test.each([
    "https://evil.test",
    "//evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/.//evil.test",
    "/a/..//evil.test",
    "/\t/evil.test",
    "\n//evil.test",
    "/%2f%2fevil.test",
    "/%5cevil.test",
    "/%252fevil.test",
    "javascript:alert(1)",
    "content",
    "",
    `/${"a".repeat(3000)}`,
    null,
    undefined,
    42,
  ])("answers the fallback for %j", (path) => {
    expect(sanitizeRedirect(path, "/home")).toBe("/home");
  });
});
