import { type Check, checks } from "@holdfast/probes";
import { expect, test } from "vitest";
import { needsQuiet } from "./sabotage.ts";

const checkNamed = (id: string): Check => checks.find((check) => check.id === id) as Check;

test("who cuts the connections of the sound deployment, or is measured, is tried when no other twin is", () => {
  expect(needsQuiet([checkNamed("LOG-05")])).toBe(true);
  expect(needsQuiet([checkNamed("path-ids"), checkNamed("LOG-05")])).toBe(true);
  expect(needsQuiet([checkNamed("sign-in-timing")])).toBe(true);
  expect(needsQuiet([checkNamed("path-ids")])).toBe(false);
});

test("who fills a limit of a deployment of its own has neighbours, or proving would take twice as long", () => {
  const alone = checks.filter(({ company, measuresTime }) => company === "alone" && measuresTime !== true);
  expect(alone.filter((check) => !needsQuiet([check])).length).toBeGreaterThan(0);
  expect(checks.filter((check) => needsQuiet([check])).length).toBeLessThan(checks.length / 10);
});
