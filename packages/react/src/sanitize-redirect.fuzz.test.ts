import fc from "fast-check";
import { expect, test } from "vitest";
import { sanitizeRedirect } from "./sanitize-redirect.ts";

const origin = "https://app.test";
const hostile = fc
  .array(
    fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2f",
      "%5C",
      "%00",
      "\t",
      "\r\n",
      "@",
      ":",
      "?",
      "#",
      "evil.test",
      "a",
      "\u2028",
    ),
  )
  .map((parts) => parts.join(""));

test("whatever comes in, what goes out is a path of this origin, also when it is sanitised again", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        hostile,
        hostile.map((text) => `/${text}`),
        fc.string({ unit: "binary" }),
        fc.webUrl(),
      ),
      (from) => {
        const path = sanitizeRedirect(from);
        expect(path.startsWith("/")).toBe(true);
        expect(new URL(path, origin).origin).toBe(origin);
        expect(/[\\\s]|^\/\//.test(path)).toBe(false);
        expect(sanitizeRedirect(path)).toBe(path);
      },
    ),
    { numRuns: 2000 },
  );
});
