import fc from "fast-check";
import { expect, test } from "vitest";
import { cspViolations } from "./csp-report.ts";

test("only the directive, the blocked origin and the page's path of a report are kept", () => {
  const report = {
    "effective-directive": "script-src 'self'",
    "blocked-uri": "https://evil.example:8080/steal?token=secret#x",
    "document-uri": "https://localhost:8443/content/7?session=secret",
    "script-sample": "secret()",
  };
  expect(cspViolations({ "csp-report": report })).toEqual([
    { directive: "script-src", blocked: "https://evil.example:8080", page: "/content/7" },
  ]);
});

test("schemes without an origin and keywords are kept as words", () => {
  const violation = (blockedURL: unknown) =>
    cspViolations([{ type: "csp-violation", body: { effectiveDirective: "img-src", blockedURL } }])[0]?.blocked;
  expect(["data:image/png;base64,xx", "inline", "eval", "", 7, "not a url"].map(violation)).toEqual([
    "data:",
    "inline",
    "eval",
    "unknown",
    "unknown",
    "unknown",
  ]);
});

test("at most twenty reports of one request are read", () => {
  const one = { type: "csp-violation", body: { effectiveDirective: "img-src" } };
  expect(cspViolations(Array(50).fill(one))).toHaveLength(20);
});

test("anything else is no violation and breaks nothing", () => {
  fc.assert(
    fc.property(fc.anything(), (body) => {
      expect(Array.isArray(cspViolations(body))).toBe(true);
    }),
  );
});
