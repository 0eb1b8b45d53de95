import { afterEach, describe, expect, test } from "vitest";
import type { GatewayOptions } from "./gateway.ts";
import type { StepName } from "./step.ts";
import { replaceStep } from "./step.ts";
import { gatewaySteps } from "./steps.ts";
import type { GatewayFixture } from "./testing/gateway-fixture.ts";
import { problemOf, startGateway } from "./testing/gateway-fixture.ts";

const SECRET = "password=hunter2 at /srv/app/private.ts";
const boom = (): never => {
  throw new Error(SECRET);
};
const boomLater = (): Promise<never> => Promise.reject(new Error(SECRET));

let gateway: GatewayFixture | undefined;
afterEach(() => gateway?.close());

/** What a caller gets of a gateway that breaks, for a route, a path that is not named and one that is malformed. */
async function expectBareProblem(options: Partial<GatewayOptions>, paths: readonly string[]): Promise<void> {
  gateway = await startGateway({ options });
  for (const path of paths) {
    const answer = await gateway.send({ path });
    expect([path, answer.status, problemOf(answer)]).toEqual([
      path,
      500,
      { code: "internal-error", reason: "unexpected" },
    ]);
    expect(answer.headers).toMatchObject({
      "content-type": "application/problem+json",
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
    });
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.text).not.toMatch(/hunter2|private\.ts|statusCode|Internal Server Error"/);
  }
}

const EVERYWHERE = ["/api/open", "/", "/nothing", "/api/notes/"];

describe("an error that nobody expected is a problem with every header field and not a word of it", () => {
  const stepsOfEveryRequest: readonly StepName[] = ["framing", "host", "path", "limit"];
  test.each(stepsOfEveryRequest)("in the step %s", async (name) => {
    await expectBareProblem({ steps: replaceStep(gatewaySteps, name, boom) }, EVERYWHERE);
  });

  test("in a step that throws later", async () => {
    await expectBareProblem({ steps: replaceStep(gatewaySteps, "host", boomLater) }, EVERYWHERE);
  });

  test("in the step that passes the request on, and in the one that gives a page", async () => {
    await expectBareProblem({ steps: replaceStep(gatewaySteps, "forward", boom) }, ["/api/open"]);
    await gateway?.close();
    await expectBareProblem({ steps: replaceStep(gatewaySteps, "page", boom) }, ["/"]);
  });

  test("in the step that acts on every answer", async () => {
    await expectBareProblem({ steps: replaceStep(gatewaySteps, "headers", boom) }, EVERYWHERE);
  });

  test("in whoever takes the events", async () => {
    await expectBareProblem({ emit: boom, steps: replaceStep(gatewaySteps, "host", boomLater) }, EVERYWHERE);
    await gateway?.close();
    await expectBareProblem({ emit: boom }, ["/nothing", "/api/%2e%2e/open"]);
  });

  test("in the clock, before there is a request at all", async () => {
    gateway = await startGateway();
    const { clock } = gateway;
    Object.defineProperty(clock, "now", { get: boom, configurable: true });
    for (const path of EVERYWHERE) {
      const answer = await gateway.send({ path });
      expect([path, answer.status, problemOf(answer).code]).toEqual([path, 500, "internal-error"]);
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    }
  });
});

test("a gateway that broke once answers the next request", async () => {
  let isBroken = true;
  gateway = await startGateway({
    options: {
      steps: replaceStep(gatewaySteps, "limit", () => {
        if (isBroken) boom();
        return undefined;
      }),
    },
  });
  expect((await gateway.send({ path: "/api/open" })).status).toBe(500);
  isBroken = false;
  expect((await gateway.send({ path: "/api/open" })).status).toBe(200);
});
