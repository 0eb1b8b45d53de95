// An alert that our own check raised is told apart from one that anybody else raised, and waits for a person all the same.
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyHash } from "../assembly/policy-hash.ts";
import type { Platform } from "../assembly/start-platform.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import { testPolicy } from "../testing/test-policy.ts";
import type { AlertPage, IncidentPage, Summary } from "./shapes.ts";

const GUESSES = 6;
let ground: Ground;
let platform: Platform;

beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start();
});
afterAll(async () => {
  await platform.stop();
  await ground.close();
});

const get = async <T>(path: string): Promise<T> =>
  (await send(platform, `GET /platform/v1${path}`, { token: platform.serviceKey })).json as T;

async function guess(email: string, correlationOf: (guessed: number) => string): Promise<void> {
  for (let guessed = 0; guessed < GUESSES; guessed += 1) {
    const headers = { "x-correlation-id": correlationOf(guessed) };
    const body = { email, password: "a wrong password" };
    await send(platform, "POST /auth/v1/token?grant_type=password", { body, headers });
  }
}

test("an alert is said to be caused by a check when evidence of its run covers it, and counts as open nevertheless", async () => {
  const startedAt = Date.now();
  await guess("probe-a@probe.invalid", (guessed) => `probe-${guessed}`);
  const scopes = async () => (await get<AlertPage>("/alerts?limit=100")).alerts;
  expect((await scopes()).length).toBeGreaterThan(0);
  expect((await scopes()).every((alert) => alert.causedByCheck === null)).toBe(true);

  const observation = {
    check: "threshold-alert",
    version: "v1",
    result: "held",
    looked: GUESSES,
    seen: "An alert was raised.",
    startedAt,
    finishedAt: Date.now(),
    policyHash: policyHash(testPolicy),
    target: platform.origin,
    transcript: [],
  };
  const body = { observations: [observation] };
  const reported = await send(platform, "POST /platform/v1/evidence", { token: platform.serviceKey, body });
  expect(reported.status, reported.text).toBe(201);

  const raised = await scopes();
  expect(raised.map((alert) => alert.causedByCheck)).toEqual(raised.map(() => "threshold-alert"));
  const { incidents } = await get<IncidentPage>("/incidents");
  expect(incidents.map((incident) => incident.causedByCheck)).toEqual(["threshold-alert"]);
  expect(await get(`/incidents/${incidents[0]?.id}`)).toMatchObject({ causedByCheck: "threshold-alert" });
  const summary = await get<Summary>("/summary");
  expect(summary.alertsOpenCausedByChecks).toBe(raised.length);
  expect([summary.alertsOpen, summary.incidentsOpen]).toEqual([raised.length, 1]);
  expect(raised.every((alert) => alert.state === "open")).toBe(true);
});

test("one event of somebody else, and an alert after the run, are not our own attack", async () => {
  await guess("mixed@example.test", (guessed) => (guessed === 0 ? "visitor-1" : `probe-${guessed}`));
  await guess("later@example.test", (guessed) => `probe-${guessed}`);
  const { alerts } = await get<AlertPage>("/alerts?limit=100");
  const others = alerts.filter((alert) => alert.causedByCheck === null);
  expect(others.length).toBeGreaterThan(0);
  expect((await get<IncidentPage>("/incidents")).incidents.some((incident) => incident.causedByCheck === null)).toBe(
    true,
  );
  const summary = await get<Summary>("/summary");
  expect(summary.alertsOpenCausedByChecks).toBeLessThan(summary.alertsOpen);
});
