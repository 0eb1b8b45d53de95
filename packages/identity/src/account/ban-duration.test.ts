import { expect, test } from "vitest";
import { readBan } from "./ban-duration.ts";

test("durations are read as Go writes them", () => {
  expect(readBan("none", 5)).toBeNull();
  expect(readBan("1h30m", 0)).toBe(5_400_000);
  expect(readBan("1.5s", 10)).toBe(1510);
  expect(readBan("24h", 0)).toBe(86_400_000);
});

test("a ban for ever is a date that can be written", () => {
  expect(() => new Date(readBan("999999999h", Date.now()) ?? Number.NaN).toISOString()).not.toThrow();
});

test("anything else is refused", () => {
  for (const text of ["", "1", "h", "-1h", "1d", "1h ", "1e9h", "1h".repeat(20)]) {
    expect(() => readBan(text, 0)).toThrow(expect.objectContaining({ code: "validation_failed" }));
  }
});
