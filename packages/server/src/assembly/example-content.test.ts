// The plan's own example: its policy, assembled and used as its first visitors would.
import { afterAll, beforeAll, expect, test } from "vitest";
import policy from "../../../../examples/content/security.ts";
import { administrator, reader, trySignIn } from "../testing/people.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import { policyHash } from "./policy-hash.ts";
import type { Platform } from "./start-platform.ts";

let ground: Ground;
let platform: Platform;

beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start({ policy });
});

afterAll(async () => {
  await platform.stop();
  await ground.close();
});

test("from sign-up over failed sign-ins to an incident that the administrator acknowledges", async () => {
  const token = await reader(platform);
  expect((await send(platform, "GET /platform/v1/summary", { token })).status).toBe(403);
  expect((await send(platform, "GET /api/admin/users", { token })).status).toBe(403);
  const { failedLogins } = policy.monitoring;
  for (let attempt = 0; attempt < failedLogins.atLeast; attempt += 1) {
    await trySignIn(platform, "ada@example.com", "wrong-wrong-wrong");
  }
  const admin = await administrator(platform);
  const summary = (await send(platform, "GET /platform/v1/summary", { token: admin.token })).json;
  expect(summary).toMatchObject({ application: policy.application, policyHash: policyHash(policy), incidentsOpen: 1 });
  const { incidents } = (await send(platform, "GET /platform/v1/incidents", { token: admin.token })).json;
  const answer = await send(platform, `POST /platform/v1/incidents/${incidents[0].id}/acknowledge`, {
    token: admin.token,
    body: { note: "A forgotten password." },
  });
  expect(answer.json).toMatchObject({ state: "acknowledged", late: false });
  expect((await send(platform, "GET /platform/v1/events/verify", { token: admin.token })).json.intact).toBe(true);
});
