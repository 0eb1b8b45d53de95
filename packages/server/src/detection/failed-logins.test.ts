import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBroken } from "./check-broken.ts";
import { findingsIn } from "./event-rules.ts";
import { failedLogins } from "./failed-logins.ts";
import type { DetectedEvent, FindingScope } from "./finding.ts";

const RULE = { atLeast: 5, windowSeconds: 60 };
const START = 1_800_000_000_000;

const event = (seq: number, change: Partial<DetectedEvent> = {}): DetectedEvent => ({
  seq,
  name: "signin.failed",
  at: START + seq * 1000,
  address: "192.0.2.1",
  subject: "ada",
  detail: {},
  ...change,
});

/** As the log is read: the rule sees the events it asks for. */
const detector = (rule: Parameters<typeof failedLogins>[0]) => {
  const rules = [failedLogins(rule)];
  return (next: DetectedEvent) => findingsIn(rules, next);
};

describe("failed sign-ins", () => {
  test("the fifth within a minute is found overall, for its address and for its account; the fourth is not", () => {
    const detect = detector(RULE);
    const found = [1, 2, 3, 4, 5].map((seq) => detect(event(seq)));
    expect(found.slice(0, 4)).toEqual([[], [], [], []]);
    expect(found[4]?.map((finding) => [finding.scope, finding.group])).toEqual([
      ["overall", ""],
      ["address", "192.0.2.1"],
      ["account", "ada"],
    ]);
    expect(found[4]?.[0]).toMatchObject({
      evidence: [1, 2, 3, 4, 5],
      firstEventAt: START + 1000,
      lastEventAt: START + 5000,
    });
  });

  test("one account tried from five addresses, and five accounts tried from one address, are each found", () => {
    const scopes = (change: (seq: number) => Partial<DetectedEvent>): readonly FindingScope[] => {
      const detect = detector(RULE);
      return [1, 2, 3, 4, 5].flatMap((seq) => detect(event(seq, change(seq)))).map((finding) => finding.scope);
    };
    expect(scopes((seq) => ({ address: `192.0.2.${seq}` }))).toEqual(["overall", "account"]);
    expect(scopes((seq) => ({ subject: `s${seq}` }))).toEqual(["overall", "address"]);
  });

  test("attempts at an account that does not exist are counted by the label of what was tried", () => {
    const detect = detector(RULE);
    const tries = [1, 2, 3, 4, 5].map((seq) =>
      event(seq, { subject: null, address: null, detail: { account: "label" } }),
    );
    expect(tries.flatMap(detect).map((finding) => finding.group)).toEqual(["", "label"]);
  });

  test("other events count for nothing", () => {
    const detect = detector({ atLeast: 1, windowSeconds: 60 });
    expect(detect(event(1, { name: "signin.succeeded" }))).toEqual([]);
    expect(findingsIn([checkBroken], event(1))).toEqual([]);
  });

  test("it agrees with a naive count of every stream, in every scope", () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 0, max: 30_000 }),
      address: fc.constantFrom("a", "b", null),
      subject: fc.constantFrom("x", "y", null),
      isFailure: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fc.integer({ min: 1, max: 6 }), (steps, atLeast) => {
        const detect = detector({ atLeast, windowSeconds: 60 });
        let at = START;
        const seen: DetectedEvent[] = [];
        for (const [seq, { gapMs, address, subject, isFailure }] of steps.entries()) {
          at += gapMs;
          const now = event(seq, { at, address, subject, name: isFailure ? "signin.failed" : "signin.succeeded" });
          seen.push(now);
          const count = (same: (each: DetectedEvent) => boolean): number =>
            seen.filter((each) => each.name === "signin.failed" && each.at > at - 60_000 && same(each)).length;
          const expected = [
            ...(isFailure && count(() => true) >= atLeast ? ["overall"] : []),
            ...(isFailure && address !== null && count((each) => each.address === address) >= atLeast
              ? ["address"]
              : []),
            ...(isFailure && subject !== null && count((each) => each.subject === subject) >= atLeast
              ? ["account"]
              : []),
          ];
          expect(detect(now).map((finding) => finding.scope)).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
});
