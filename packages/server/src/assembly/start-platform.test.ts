import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import type { Platform } from "./start-platform.ts";

let ground: Ground;
let platform: Platform;
const PASSWORD = "correct-horse-battery-9";

beforeEach(async () => {
  ground = await openTestGround();
});

afterEach(async () => {
  await platform?.stop();
  await ground.close();
});

async function signUp(email: string): Promise<string> {
  const answer = await send(platform, "POST /auth/v1/signup", { body: { email, password: PASSWORD } });
  expect(answer.status, answer.text).toBe(200);
  const token = await send(platform, "POST /auth/v1/token?grant_type=password", {
    body: { email, password: PASSWORD },
  });
  expect(token.status, token.text).toBe(200);
  return token.json.access_token as string;
}

describe("the whole platform", () => {
  test("somebody signs up, signs in and reaches the application; a stranger does not", async () => {
    platform = await ground.start();
    const token = await signUp("ada@example.com");
    expect((await send(platform, "GET /api/hello", { token })).json.subject).toMatch(/^[0-9a-f-]{36}$/);
    expect((await send(platform, "GET /api/hello")).status).toBe(401);
    expect((await send(platform, "GET /platform/v1/summary", { token })).status).toBe(403);
  });

  test("five failed sign-ins become an alert and an incident; an unacknowledged one waits, a person must answer", async () => {
    platform = await ground.start();
    await signUp("ada@example.com");
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const body = { email: "ada@example.com", password: "wrong-wrong-wrong" };
      const { status } = await send(platform, "POST /auth/v1/token?grant_type=password", { body });
      expect(status).toBe(400);
    }
    const token = platform.serviceKey;
    const events = await send(platform, "GET /platform/v1/events?name=signin.failed", { token });
    expect(events.status, events.text).toBe(200);
    expect(events.json.events).toHaveLength(5);
    const alerts = await send(platform, "GET /platform/v1/alerts", { token });
    expect(alerts.json.alerts.map((alert: { scope: string }) => alert.scope).sort()).toEqual([
      "account",
      "address",
      "overall",
    ]);
    const { json } = await send(platform, "GET /platform/v1/incidents", { token });
    expect(json.incidents).toHaveLength(1);
    const [incident] = json.incidents;
    const refused = await send(platform, `POST /platform/v1/incidents/${incident.id}/acknowledge`, {
      token,
      body: { note: "me" },
    });
    expect(refused.json.code).toBe("platform/person-required");
  });
});
