import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimiter } from "./rate-limit.ts";

const START = 1_700_000_000_000;

test("no window of any place holds more than twice the quota, and a full window that was quiet holds exactly the quota", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 300 }),
      (requests, gaps) => {
        const limiter = new RateLimiter("x", { requests, windowSeconds: 60 });
        const allowedAt: number[] = [];
        let now = START;
        for (const gap of gaps) {
          now += gap;
          if (limiter.take("k", now).allowed) allowedAt.push(now);
        }
        for (const [index, at] of allowedAt.entries()) {
          const inWindow = allowedAt.slice(index).filter((other) => other < at + 60_000).length;
          expect(inWindow).toBeLessThanOrEqual(2 * requests);
        }
        now += 60_000;
        const burst = Array.from({ length: requests + 3 }, () => limiter.take("k", now).allowed);
        expect(burst.filter(Boolean)).toHaveLength(requests);
      },
    ),
  );
});

test("what is promised to a refused caller is kept: after the wait one request is allowed", () => {
  const limiter = new RateLimiter("x", { requests: 3, windowSeconds: 60 });
  for (let time = 0; time < 3; time += 1) expect(limiter.take("k", START).remaining).toBe(2 - time);
  const refused = limiter.take("k", START);
  expect(refused).toMatchObject({ allowed: false, remaining: 0, resetSeconds: 20 });
  expect(limiter.take("k", START + 19_000).allowed).toBe(false);
  expect(limiter.take("k", START + 20_000).allowed).toBe(true);
});

test("a flood of keys neither grows without bound nor frees the one who is over the limit", () => {
  const limiter = new RateLimiter("x", { requests: 2, windowSeconds: 60 }, 100);
  limiter.take("victim", START);
  limiter.take("victim", START);
  for (let index = 0; index < 10_000; index += 1) limiter.take(`flood-${index}`, START);
  expect(limiter.size).toBeLessThanOrEqual(100);
  expect(limiter.take("victim", START).allowed).toBe(false);
});

test("a clock that jumps back locks nobody out for longer than a window", () => {
  const limiter = new RateLimiter("x", { requests: 2, windowSeconds: 60 });
  const spend = (now: number) =>
    [limiter.take("k", now), limiter.take("k", now), limiter.take("k", now)].map(({ allowed }) => allowed);
  expect(spend(START + 86_400_000)).toEqual([true, true, false]);
  expect(spend(START)).toEqual([true, true, false]);
  // A jump of less than the window frees nobody early.
  expect(limiter.take("k", START - 1).allowed).toBe(false);
  expect(limiter.take("k", START + 60_000).allowed).toBe(true);
});

test("asking whether a key is exhausted costs it nothing", () => {
  const limiter = new RateLimiter("x", { requests: 1, windowSeconds: 60 });
  expect(limiter.exhausted("k", START)).toBeNull();
  expect(limiter.take("k", START).allowed).toBe(true);
  expect(limiter.exhausted("k", START)).toMatchObject({ allowed: false });
});
