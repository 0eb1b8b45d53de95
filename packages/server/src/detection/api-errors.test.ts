import { describe, expect, test } from "vitest";
import { detectApiErrors, ERROR_RATE_WINDOW_MS } from "./api-errors.ts";

const sample = (at: number, requests: number, errors: number) => ({
  at,
  requests,
  errors,
  events: errors === 0 ? [] : [{ seq: at, at }],
});

describe("the error rate", () => {
  test("more than one percent is found, exactly one percent is not", () => {
    expect(detectApiErrors(0.01)(sample(0, 1000, 10))).toEqual([]);
    expect(detectApiErrors(0.01)(sample(0, 1000, 11))).toMatchObject([{ rule: "api-errors", evidence: [0] }]);
  });

  test("a few requests decide nothing", () => {
    expect(detectApiErrors(0.01)(sample(0, 99, 99))).toEqual([]);
    expect(detectApiErrors(0.01)(sample(0, 100, 99))).toHaveLength(1);
  });

  test("samples add up over the window and leave it again", () => {
    const detect = detectApiErrors(0.01);
    expect(detect(sample(0, 60, 1))).toEqual([]);
    expect(detect(sample(1, 60, 1))).toHaveLength(1);
    expect(detect(sample(ERROR_RATE_WINDOW_MS + 1, 60, 1))).toEqual([]);
  });

  test("an interval without an error finds nothing anew", () => {
    const detect = detectApiErrors(0.01);
    expect(detect(sample(0, 100, 50))).toHaveLength(1);
    expect(detect(sample(1, 1, 0))).toEqual([]);
  });
});
