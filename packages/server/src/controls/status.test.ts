import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CheckEvidence } from "../evidence/evidence-log.ts";
import type { EvidenceRow } from "../evidence/evidence-row.ts";
import { SABOTAGE_WINDOW_MS } from "./check-status.ts";
import { matrixOf, scoreOf } from "./score.ts";
import { type Exception, statusOfControl } from "./status.ts";

const NOW = 1_800_000_000_000;
const INTERVAL_SECONDS = 3_600;
const WINDOW_MS = 2 * INTERVAL_SECONDS * 1000;
const POLICY = "a".repeat(64);
const control = { id: "rbac", checks: ["AZ-01", "AZ-02"], intervalSeconds: INTERVAL_SECONDS };

function row(check: string, change: Partial<EvidenceRow> = {}): EvidenceRow {
  return {
    seq: 1,
    check,
    version: "v1",
    result: "held",
    looked: 3,
    seen: "Refused.",
    policyHash: POLICY,
    target: "https://t",
    startedAt: NOW - 2,
    finishedAt: NOW - 1,
    receivedAt: NOW,
    transcript: [],
    previousHash: "",
    hash: "",
    ...change,
  };
}

const caught = (check: string, change: Partial<EvidenceRow> = {}): EvidenceRow =>
  row(check, { result: "broken", sabotage: { name: "twin", result: "caught" }, ...change });

/** Fresh proof of both checks, with one thing changed about the first. */
function statusWith(change: Partial<CheckEvidence>, more: { exceptions?: readonly Exception[] } = {}) {
  const proof = (check: string) => ({ run: row(check), sabotage: caught(check) });
  const evidence = new Map<string, CheckEvidence>([
    ["AZ-01", { ...proof("AZ-01"), ...change }],
    ["AZ-02", proof("AZ-02")],
  ]);
  return statusOfControl(control, { now: NOW, policyHash: POLICY, evidence, ...more });
}

describe("the status of a control", () => {
  test("fresh held evidence of every check, each with a caught sabotage, is held", () => {
    expect(statusWith({})).toEqual({ status: "held", reasons: [] });
  });

  test.each([
    ["never-ran", { run: null }],
    ["stale", { run: row("AZ-01", { finishedAt: NOW - WINDOW_MS - 1 }) }],
    ["other-policy", { run: row("AZ-01", { policyHash: "b".repeat(64) }) }],
    ["looked-at-nothing", { run: row("AZ-01", { looked: 0 }) }],
    ["inconclusive", { run: row("AZ-01", { result: "unproven" }) }],
    ["from-the-future", { run: row("AZ-01", { finishedAt: NOW + 3_600_000 }) }],
    ["sabotage-never-ran", { sabotage: null }],
    ["sabotage-not-caught", { sabotage: caught("AZ-01", { sabotage: { name: "twin", result: "missed" } }) }],
    ["sabotage-not-caught", { sabotage: caught("AZ-01", { sabotage: { name: "twin", result: "unproven" } }) }],
    ["sabotage-stale", { sabotage: caught("AZ-01", { finishedAt: NOW - SABOTAGE_WINDOW_MS - 1 }) }],
    ["other-version", { sabotage: caught("AZ-01", { version: "v0" }) }],
  ] as const)("%s is unproven and says so", (code, change) => {
    const { status, reasons } = statusWith(change);
    expect(status).toBe("unproven");
    expect(reasons.map((reason) => [reason.code, reason.check])).toEqual([[code, "AZ-01"]]);
  });

  test("evidence exactly as old as its window still counts", () => {
    expect(statusWith({ run: row("AZ-01", { finishedAt: NOW - WINDOW_MS }) }).status).toBe("held");
  });

  test("one broken check makes the control broken, however old or foreign the evidence", () => {
    const old = { result: "broken", finishedAt: 0, policyHash: "b".repeat(64) } as const;
    expect(statusWith({ run: row("AZ-01", old) })).toMatchObject({
      status: "broken",
      reasons: [{ code: "attack-succeeded", check: "AZ-01" }],
    });
  });

  test("a live exception excuses a broken control; one that its requester approved, or that has ended, does not", () => {
    const broken = { run: row("AZ-01", { result: "broken" }) } as const;
    const exception = { control: "rbac", requester: "r", approver: "a", reason: "x", from: NOW - 1, until: NOW + 1 };
    const status = (change: Partial<Exception>) =>
      statusWith(broken, { exceptions: [{ ...exception, ...change }] }).status;
    expect(status({})).toBe("excepted");
    expect(status({ approver: "r" })).toBe("broken");
    expect(status({ until: NOW })).toBe("broken");
    expect(status({ until: NOW + 91 * 24 * 3_600_000 })).toBe("broken");
    expect(statusWith({ run: null }, { exceptions: [exception] }).status).toBe("unproven");
  });

  test("a control without checks is unproven, and out of scope only by a decision that is not due for review", () => {
    const empty = { id: "x", checks: [], intervalSeconds: 1 };
    const input = { now: NOW, policyHash: POLICY, evidence: new Map() };
    expect(statusOfControl(empty, input)).toMatchObject({ status: "unproven", reasons: [{ code: "no-check" }] });
    const decision = { control: "x", approver: "a", reason: "r", reviewAt: NOW + 1 };
    expect(statusOfControl(empty, { ...input, outOfScope: [decision] }).status).toBe("out-of-scope");
    expect(statusOfControl(empty, { ...input, outOfScope: [{ ...decision, reviewAt: NOW }] }).status).toBe("unproven");
  });

  test("nothing but fresh, caught proof of all checks is ever held", () => {
    const age = fc.oneof(
      fc.integer({ min: -200_000, max: 2 * WINDOW_MS }),
      fc.integer({ min: 0, max: 2 * SABOTAGE_WINDOW_MS }),
    );
    const run = fc.record({
      result: fc.constantFrom("held", "held", "held", "broken", "unproven"),
      looked: fc.constantFrom(0, 1, 2, 3),
      policyHash: fc.constantFrom(POLICY, POLICY, POLICY, "b".repeat(64)),
      version: fc.constantFrom("v1", "v1", "v2"),
      age,
    });
    const sabotage = fc.record({
      result: fc.constantFrom("caught", "caught", "caught", "missed", "unproven"),
      version: fc.constantFrom("v1", "v1", "v2"),
      age,
    });
    const sound = fc.constant({
      run: { result: "held", looked: 1, policyHash: POLICY, version: "v1", age: 1 },
      sabotage: { result: "caught", version: "v1", age: 1 },
    });
    const any = fc.record({ run: fc.option(run, { freq: 9 }), sabotage: fc.option(sabotage, { freq: 9 }) });
    const proof = fc.oneof(sound, any);
    let held = 0;
    fc.assert(
      fc.property(fc.array(proof, { minLength: 0, maxLength: 3 }), (proofs) => {
        const checks = proofs.map((_, index) => `C-${index}`);
        const evidence = new Map<string, CheckEvidence>();
        for (const [index, each] of proofs.entries()) {
          const check = `C-${index}`;
          const { age: runAge, ...runFields } = each.run ?? { age: 0 };
          evidence.set(check, {
            run:
              each.run === null ? null : row(check, { ...runFields, finishedAt: NOW - runAge } as Partial<EvidenceRow>),
            sabotage:
              each.sabotage === null
                ? null
                : caught(check, {
                    version: each.sabotage.version,
                    finishedAt: NOW - each.sabotage.age,
                    sabotage: { name: "twin", result: each.sabotage.result as "caught" },
                  }),
          });
        }
        const isProven = (each: (typeof proofs)[number]): boolean =>
          each.run !== null &&
          each.sabotage !== null &&
          each.run.result === "held" &&
          each.run.looked > 0 &&
          each.run.policyHash === POLICY &&
          each.run.age <= WINDOW_MS &&
          each.run.age >= -60_000 &&
          each.sabotage.result === "caught" &&
          each.sabotage.version === each.run.version &&
          each.sabotage.age <= SABOTAGE_WINDOW_MS &&
          each.sabotage.age >= -60_000;
        const expected = proofs.some((each) => each.run?.result === "broken")
          ? "broken"
          : proofs.length > 0 && proofs.every(isProven)
            ? "held"
            : "unproven";
        const input = { now: NOW, policyHash: POLICY, evidence };
        const { status, reasons } = statusOfControl({ id: "x", checks, intervalSeconds: INTERVAL_SECONDS }, input);
        expect(status).toBe(expected);
        expect(reasons.length === 0).toBe(status === "held");
        if (status === "held") held += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(held).toBeGreaterThan(10);
  });
});

describe("the score", () => {
  test("it is a fraction with its parts, and what is excepted or unproven stays in the denominator", () => {
    const score = scoreOf(["held", "held", "broken", "unproven", "excepted", "out-of-scope"]);
    expect(score).toMatchObject({ held: 2, inScope: 5, total: 6 });
    expect(score.sentence).toBe("2 of 5 controls held · 1 excepted · 1 broken · 1 unproven · 1 out of scope");
  });

  test("without any control nothing is held", () => {
    expect(scoreOf([]).sentence).toBe("0 of 0 controls held · 0 broken · 0 unproven");
  });

  test("the matrix shows a control in its own layers only", () => {
    const rows = [{ id: "a", kind: "measure", sentence: "s", layers: ["edge"], status: "held" }] as const;
    const matrix = matrixOf(rows, ["browser", "edge"]);
    expect(matrix.rows[0]?.cells).toEqual([null, "held"]);
    expect(matrix.scores.map((score) => score.inScope)).toEqual([0, 1]);
  });
});
