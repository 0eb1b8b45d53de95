import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { testDatabase } from "@holdfast/postgres/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { administrator, PASSWORD, reader, signIn, trySignIn } from "../testing/people.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import type { Platform } from "./start-platform.ts";

let ground: Ground;
let platform: Platform;

beforeEach(async () => {
  ground = await openTestGround();
  platform = await ground.start();
});

afterEach(async () => {
  await platform.stop();
  await ground.close();
});

const get = async (path: string, token = platform.serviceKey) => send(platform, `GET /platform/v1${path}`, { token });

async function names(): Promise<string[]> {
  const { json } = await get("/events?limit=200");
  return json.events.map((event: { name: string }) => event.name).reverse();
}

describe("the whole platform", () => {
  test("somebody signs up, signs in and reaches the application; a stranger does not", async () => {
    const token = await reader(platform);
    expect((await send(platform, "GET /api/hello", { token })).json.subject).toMatch(/^[0-9a-f-]{36}$/);
    expect((await send(platform, "GET /api/hello")).status).toBe(401);
  });

  test("five failed sign-ins become an incident that the administrator acknowledges and closes by name", async () => {
    await reader(platform);
    for (let attempt = 0; attempt < 4; attempt += 1) await trySignIn(platform, "ada@example.com", "wrong-wrong-wrong");
    expect((await get("/alerts")).json.alerts).toEqual([]);
    expect((await trySignIn(platform, "ada@example.com", "wrong-wrong-wrong")).status).toBe(400);
    const alerts = (await get("/alerts?state=open")).json.alerts as { scope: string }[];
    expect(alerts.map((alert) => alert.scope).sort()).toEqual(["account", "address", "overall"]);
    const [incident] = (await get("/incidents?state=open")).json.incidents;

    const act = (action: string, token: string, body: object) =>
      send(platform, `POST /platform/v1/incidents/${incident.id}/${action}`, { token, body });
    const byProgram = await act("acknowledge", platform.serviceKey, { note: "Automatic." });
    expect(byProgram.json).toMatchObject({ status: 403, code: "platform/person-required" });

    const admin = await administrator(platform);
    expect((await act("acknowledge", admin.token, {})).status).toBe(400);
    const acknowledged = await act("acknowledge", admin.token, { note: "It was me, testing." });
    expect(acknowledged.json).toMatchObject({
      state: "acknowledged",
      acknowledgement: { email: admin.email },
      late: false,
    });
    expect(acknowledged.json.responseSeconds).toBeGreaterThanOrEqual(0);
    expect((await act("acknowledge", admin.token, { note: "Again." })).json.code).toBe("platform/already-acknowledged");
    const closed = await act("close", admin.token, { note: "Done." });
    expect(closed.json).toMatchObject({ state: "closed", closing: { note: "Done." } });
    const detail = (await get(`/incidents/${incident.id}`)).json;
    expect(detail.timeline.map((entry: { kind: string }) => entry.kind)).toEqual([
      "opened",
      "alert-added",
      "alert-added",
      "acknowledged",
      "closed",
    ]);
    expect(detail.alertDetails.every((alert: { state: string }) => alert.state === "closed")).toBe(true);
    expect((await get("/summary")).json).toMatchObject({
      incidentsOpen: 0,
      incidentResponse: { acknowledged: 1, waiting: 0 },
    });
  });

  test("an unexpected error of a service is an event and a count, and says nothing to the client", async () => {
    const token = await reader(platform);
    const answer = await send(platform, "GET /api/broken", { token });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("purpose");
    expect(await names()).toContain("api.error");
    const { text } = await send(platform, "GET /metrics", { token: platform.serviceKey });
    expect(text).toMatch(/^holdfast_api_errors_total 1$/m);
  });

  test("the first administrator is made once", async () => {
    expect(await platform.ensureAdministrator()).toMatchObject({ email: "admin@holdfast.localhost" });
    expect(await platform.ensureAdministrator()).toBeNull();
  });

  test("somebody who took the administrator's address first does not become one", async () => {
    await reader(platform, "admin@holdfast.localhost");
    const made = await platform.ensureAdministrator();
    expect(made?.email).toMatch(/^admin-[0-9a-f]{8}@holdfast\.localhost$/);
    const token = await signIn(platform, "admin@holdfast.localhost", PASSWORD);
    expect((await get("/summary", token)).status).toBe(403);
  });
});

describe("starting and stopping", () => {
  test("the next start keeps the data, the chain and the sessions that ended", async () => {
    const token = await reader(platform);
    const ended = await signIn(platform, "ada@example.com");
    await send(platform, "POST /auth/v1/logout?scope=local", { token: ended, body: {} });
    await trySignIn(platform, "ada@example.com", "wrong-wrong-wrong");
    const before = await names();
    await platform.stop();
    await platform.stop();
    platform = await ground.start();
    const after = await names();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after).toEqual(expect.arrayContaining(["platform.started", "platform.stopped"]));
    expect((await send(platform, "GET /api/hello", { token })).status).toBe(200);
    expect((await send(platform, "GET /api/hello", { token: ended })).status).toBe(401);
    expect((await get("/events/verify")).json.intact).toBe(true);
  });

  test("after a stop nothing listens any more", async () => {
    const { port } = platform.address;
    await platform.stop();
    await expect(send(platform, "GET /")).rejects.toThrow(/ECONNREFUSED/);
    expect(port).toBeGreaterThan(0);
  });

  test("a busy port is named, with what to do, and nothing is left running", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const attempt = ground.start({ listen: { host: "127.0.0.1", port } });
    await expect(attempt).rejects.toMatchObject({
      code: "server/port-busy",
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining("--port"),
    });
    await new Promise((resolve) => other.close(resolve));
    expect((await get("/summary")).status).toBe(200);
  });

  test("a deployment that lacks a service, or brings one too many, does not start", async () => {
    const { deployment } = ground;
    const lacking = ground.start({ deployment: { ...deployment, services: {} } });
    await expect(lacking).rejects.toMatchObject({ code: "server/deployment-mismatch" });
    const { api } = deployment.services;
    const excess = ground.start({ deployment: { ...deployment, services: { api, more: api } as never } });
    await expect(excess).rejects.toMatchObject({ code: "server/deployment-mismatch" });
  });

  test("a service that does not start is named", async () => {
    const services = {
      api: async () => {
        throw new Error("No such file.");
      },
    };
    const attempt = ground.start({ deployment: { ...ground.deployment, services } });
    await expect(attempt).rejects.toMatchObject({
      code: "server/service-failed",
      message: 'The service "api" did not start: No such file.',
    });
  });
});

describe("a PostgreSQL that goes away while everything runs", () => {
  /** Cuts every connection and takes the database away under its name, or puts it back. */
  async function setPresent(isPresent: boolean): Promise<void> {
    // From another database: the one concerned must be free of connections.
    const elsewhere = await testDatabase();
    const client = await elsewhere.administrator();
    const { name } = ground.test;
    if (isPresent) {
      await client.query(`ALTER DATABASE ${name}_gone RENAME TO ${name}`);
      await client.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
    } else {
      await client.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      // The time limit lets PostgreSQL wait for each connection to be gone.
      await client.query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", [name]);
      await client.query(`ALTER DATABASE ${name} RENAME TO ${name}_gone`);
    }
    await elsewhere.drop();
  }

  test("is reported and opens nothing; events wait, and everything goes on when it is back", async () => {
    const token = await reader(platform);
    await setPresent(false);
    ground.clusterExits();
    expect(await platform.checkHealth()).toMatchObject({
      state: "degraded",
      failing: expect.arrayContaining(["database"]),
    });
    const events = await get("/events");
    expect(events).toMatchObject({ status: 503, json: { code: "platform/database-away" } });
    expect(events.headers["content-type"]).toContain("application/problem+json");
    expect((await trySignIn(platform, "ada@example.com", PASSWORD)).status).toBeGreaterThanOrEqual(500);
    expect((await send(platform, "GET /platform/v1/summary", { token })).status).toBe(403);
    expect((await send(platform, "GET /api/hello")).status).toBe(401);
    expect(platform.health().eventsWaiting).toBeGreaterThan(0);

    await setPresent(true);
    expect(await platform.checkHealth()).toMatchObject({ state: "ready", failing: [], eventsWaiting: 0 });
    expect(await names()).toEqual(expect.arrayContaining(["platform.degraded", "platform.recovered"]));
    expect((await trySignIn(platform, "ada@example.com", PASSWORD)).status).toBe(200);
    expect((await get("/events/verify")).json.intact).toBe(true);
  });

  test("what happened before a stop without a database is recorded by the next start", async () => {
    await setPresent(false);
    await send(platform, "GET /api/hello", { headers: { "x-correlation-id": "kept" } });
    await platform.stop();
    await setPresent(true);
    platform = await ground.start();
    const { json } = await get("/events?correlation=kept");
    expect(json.events).toMatchObject([{ name: "edge.access-refused" }]);
    expect(await names()).toContain("platform.stopped");
  });
});
