import { expect, test } from "vitest";
import { asSubject } from "../as-subject.ts";
import type { DatabaseEvent } from "../database-pool.ts";
import { testDatabase } from "../testing/injected-cluster.ts";
import { Admission } from "./admission.ts";
import { CONNECTIONS_PER_PROCESS, purposes } from "./purpose.ts";

test("who would wait longer than anybody may is refused at once, and told when to come again", () => {
  const admission = new Admission({ connectionsMax: 2, queueMax: 100, queueTimeoutMs: 1_000 });
  expect(admission.refusal(99)).toBeUndefined(); // Nothing is known yet of how long a request takes.
  admission.noteHeld(100);
  expect(admission.expectedWaitMs(9)).toBe(500);
  expect(admission.refusal(9)).toBeUndefined();
  expect(admission.refusal(20)).toBe("a wait of 1050 ms");
  expect(admission.retryAfterS(40)).toBe(1);
  expect(admission.refusal(100)).toBe("100 requests waiting");
  admission.noteHeld(60_000);
  expect(admission.refusal(0)).toBeUndefined(); // Slow statements alone refuse nobody: one may always wait.
});

test("waits are counted as Prometheus counts them", () => {
  const admission = new Admission({ connectionsMax: 1, queueMax: 1, queueTimeoutMs: 1 });
  for (const waitedMs of [0.5, 3, 30, 9_999]) admission.noteWait(waitedMs);
  expect(admission.waitTimes).toEqual({ count: 4, sumMs: 10_032.5, atMost: [1, 2, 2, 3, 3, 3] });
});

test("an overload is shed while those who wait are served, is told once a second, and ends by itself", async () => {
  const database = await testDatabase();
  const told: DatabaseEvent[] = [];
  let now = 1_000_000_000_000;
  const options = { connectionsMax: 2, queueMax: 1_000, queueTimeoutMs: 400, purpose: "api" };
  const pool = database.pool("holdfast_api", { ...options, emit: (event) => told.push(event), now: () => now });
  const work = (): Promise<string> =>
    asSubject(pool, null, { text: "select pg_sleep(0.05)" }).then(
      () => "served",
      (error: { code: string; retryAfterS?: number }) => `${error.code} ${error.retryAfterS}`,
    );
  expect(await Promise.all([work(), work()])).toEqual(["served", "served"]);
  const started = performance.now();
  const outcomes = await Promise.all(Array.from({ length: 100 }, work));
  const served = outcomes.filter((each) => each === "served").length;
  expect(outcomes.filter((each) => each === "database/pool-full 1").length).toBe(100 - served);
  // 2 connections × 400 ms ÷ 50 ms, and the two that find a connection.
  expect(served).toBeGreaterThanOrEqual(8);
  expect(served).toBeLessThan(30);
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(told).toMatchObject([{ name: "database.overloaded", detail: { pool: "api", refused: "1" } }]);
  now += 2_000;
  expect(await work()).toBe("served");
  expect(pool.metrics).toMatchObject({ waiting: 0, refused: 100 - served, saturation: expect.any(Number) });
  await database.drop();
});

test("the pools of two processes leave a server of 100 connections a third", () => {
  expect(CONNECTIONS_PER_PROCESS * 2).toBeLessThan(67);
  expect(new Set(Object.values(purposes).map(({ role }) => role)).size).toBe(3);
});

test("requests that come at the same moment are counted before a connection is given to any", async () => {
  const database = await testDatabase();
  const pool = database.pool("holdfast_api", { connectionsMax: 2, queueMax: 4, queueTimeoutMs: 5_000 });
  await asSubject(pool, null, { text: "select 1" }); // One connection is idle now.
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => asSubject(pool, null, { text: "select pg_sleep(0.02)" })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([...Array(6).fill("fulfilled"), ...Array(4).fill("rejected")]);
  await database.drop();
});
