import { expect, test } from "vitest";
import { whyNothingHolds } from "./status.ts";

type Given = Parameters<typeof whyNothingHolds>[0][number];

const control = (status: Given["status"], code: Given["reasons"][number]["code"], running = false): Given => ({
  status,
  checks: ["JWT-01"],
  running,
  reasons: [{ code, check: "JWT-01", sentence: "…" }],
});

test("where nothing holds because nothing has run here yet, the status says so, and what to do", () => {
  expect(whyNothingHolds([control("unproven", "never-ran")])).toMatch(/^No check has run here yet\. .*prove/);
  expect(whyNothingHolds([control("unproven", "other-policy")])).toMatch(/another policy, or at another address/);
  expect(whyNothingHolds([control("unproven", "never-ran", true)])).toMatch(/Checks are running now/);
});

test("where something holds or is broken, the list speaks for itself", () => {
  const unproven = control("unproven", "never-ran");
  expect(whyNothingHolds([unproven, control("held", "stale")])).toBeNull();
  expect(whyNothingHolds([unproven, control("broken", "attack-succeeded")])).toBeNull();
  expect(whyNothingHolds([{ ...unproven, checks: [] }])).toBeNull();
});
