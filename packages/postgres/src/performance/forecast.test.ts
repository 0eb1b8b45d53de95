import { describe, expect, test } from "vitest";
import { forecast, SAMPLES_MIN } from "./forecast.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MB = 1_000_000;
const grown = (hours: number, perDay: number, noise: (hour: number) => number = () => 0) =>
  Array.from({ length: hours }, (_, hour) => ({
    at: 1_000 * DAY_MS + hour * HOUR_MS,
    bytes: 500 * MB + (hour / 24) * perDay + noise(hour),
  }));

describe("the forecast of growth", () => {
  test("a known growth is found, and the days until the room is used up", () => {
    const found = forecast(grown(72, 10 * MB), 200 * MB);
    if (found.kind !== "fitted") throw new Error(found.reason);
    expect(found.bytesPerDay).toBeCloseTo(10 * MB, 0);
    expect(found.daysLeft).toBeCloseTo(20, 6);
  });

  test("a bulk load that came and went does not move it", () => {
    const found = forecast(
      grown(72, 10 * MB, (hour) => (hour % 20 === 0 ? 300 * MB : 0)),
      200 * MB,
    );
    if (found.kind !== "fitted") throw new Error(found.reason);
    expect(found.bytesPerDay / (10 * MB)).toBeCloseTo(1, 1);
  });

  test("what does not grow is never full, and neither is what has unknown room", () => {
    expect(forecast(grown(72, 0), 200 * MB)).toMatchObject({ kind: "fitted", daysLeft: null });
    expect(forecast(grown(72, -MB), 200 * MB)).toMatchObject({ kind: "fitted", daysLeft: null });
    expect(forecast(grown(72, MB), null)).toMatchObject({ kind: "fitted", daysLeft: null });
  });

  test("too few samples, or too short a time, prove nothing", () => {
    expect(forecast(grown(SAMPLES_MIN - 1, MB), 1)).toMatchObject({ kind: "unproven" });
    expect(forecast(grown(20, MB), 1)).toMatchObject({ kind: "unproven", reason: expect.stringContaining("a day") });
    expect(forecast([], 1)).toMatchObject({ kind: "unproven", samples: 0 });
  });

  test("a year of samples is spread over, not left out", () => {
    const found = forecast(grown(24 * 365, 10 * MB), null);
    expect(found).toMatchObject({ kind: "fitted", samples: 24 * 365 });
  });
});
