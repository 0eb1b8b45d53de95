import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceOf } from "./device.ts";

test.each([
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    { kind: "mobile", name: "Safari on iPhone" },
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    { kind: "desktop", name: "Chrome on Windows" },
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    { kind: "desktop", name: "Firefox on Linux" },
  ],
  ["curl/8.5.0", { kind: "other", name: "curl" }],
  ["Phone/1", { kind: "other", name: "Phone" }],
  ["", { kind: "other", name: "Unknown device" }],
  ["Mozilla/5.0", { kind: "other", name: "Unknown device" }],
])("%s", (userAgent, device) => {
  expect(deviceOf(userAgent)).toEqual(device);
});

test("whatever a User-Agent says, the name is short, of harmless characters, and quickly read", () => {
  const piece = fc.constantFrom(
    "Mozilla/5.0 ",
    "(",
    "<script>",
    "iPhone",
    "; ",
    "Android 9; ",
    "Build/",
    "\u202e",
    "Chrome/",
    "a".repeat(90),
  );
  const userAgent = fc.oneof(
    fc.string({ maxLength: 600 }),
    fc.array(piece, { maxLength: 60 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(userAgent, (text) => {
      const startedAt = performance.now();
      const { name } = deviceOf(text);
      expect(name).toMatch(/^[A-Za-z0-9 .+()_-]{1,64}$/);
      expect(performance.now() - startedAt).toBeLessThan(250);
    }),
    { numRuns: 500 },
  );
});
