import { expect, test } from "vitest";
import { causeOf, causeOfIncident } from "./alert-cause.ts";

const run = (check: string, startedAt: number, finishedAt: number) => ({ check, startedAt, finishedAt });
const event = (at: number, correlation: string | null = "probe-1") => ({ at, correlation });

test("events of the prover while a check ran are caused by it; of several by the one that covers most, then the shortest", () => {
  expect(causeOf([event(5), event(6)], [run("THRESHOLD-ALERT", 4, 7)])).toBe("THRESHOLD-ALERT");
  expect(causeOf([event(1), event(5), event(6)], [run("MFA-02", 0, 2), run("SIG", 0, 5), run("T", 4, 7)])).toBe("T");
  expect(causeOf([event(5)], [run("LONG", 0, 100), run("SHORT", 4, 6)])).toBe("SHORT");
});

test("one event of somebody else, one outside of every run, or none at all has no cause", () => {
  const runs = [run("THRESHOLD-ALERT", 4, 7)];
  expect(causeOf([event(5), event(6, null)], runs)).toBeNull();
  expect(causeOf([event(5), event(6, "visitor-1")], runs)).toBeNull();
  expect(causeOf([event(5), event(8)], runs)).toBeNull();
  expect(causeOf([event(5)], [])).toBeNull();
  expect(causeOf([], runs)).toBeNull();
});

test("an incident is caused by checks only when each of its alerts is", () => {
  const causes = new Map([
    ["a", "T"],
    ["b", "M"],
    ["c", "T"],
  ]);
  expect(causeOfIncident({ alerts: ["a", "c"] }, causes)).toBe("T");
  expect(causeOfIncident({ alerts: ["a", "b"] }, causes)).toBe("M, T");
  expect(causeOfIncident({ alerts: ["a", "d"] }, causes)).toBeNull();
  expect(causeOfIncident({ alerts: [] }, causes)).toBeNull();
});
