import { expect, test } from "vitest";
import type { DetectedEvent } from "./finding.ts";
import { poolOverloaded } from "./pool-overloaded.ts";

const refusedAt = (seq: number, at: number, pool = "api"): DetectedEvent => ({
  seq,
  name: "database.overloaded",
  at,
  address: null,
  subject: null,
  detail: { pool, refused: "7" },
});

test("a pool that refuses in three seconds of a minute is found, by its name", () => {
  const rule = poolOverloaded();
  expect(rule.detect(refusedAt(1, 0))).toEqual([]);
  expect(rule.detect(refusedAt(2, 1_000, "identity"))).toEqual([]);
  expect(rule.detect(refusedAt(3, 20_000))).toEqual([]);
  expect(rule.detect(refusedAt(4, 59_000))).toMatchObject([
    { rule: "pool-overloaded", scope: "database", group: "api", evidence: [1, 3, 4] },
  ]);
});

test("bursts that lie further apart are not", () => {
  const rule = poolOverloaded();
  const found = [0, 40_000, 80_000, 120_000].flatMap((at, seq) => rule.detect(refusedAt(seq, at)));
  expect(found).toEqual([]);
});
