import { request } from "node:https";
import { join } from "node:path";
import type { VerifyReport } from "@holdfast/server/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformClient } from "../packages/cli/src/deployment/platform-client.ts";
import { loadProject } from "../packages/cli/src/project.ts";
import { openProvingGround, type ProvingGround } from "../packages/cli/src/proving/proving-ground.ts";
import { silentTerminal } from "../packages/cli/src/terminal.ts";
import { root } from "./source-tree.ts";

const START_MS_MAX = 120_000;
const HOUR_MS = 3_600_000;
const account = { email: "clock@example.test", password: "a long enough clock password" };

let ground: ProvingGround;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function call(method: string, path: string, options: { token?: string; json?: unknown } = {}): Promise<Answer> {
  const { access } = ground;
  const { host, hostname } = new URL(access.origin);
  const payload = options.json === undefined ? undefined : JSON.stringify(options.json);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: access.port,
        servername: hostname,
        ca: access.authorityPem,
        method,
        path,
        headers: {
          host,
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          ...(payload === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
        },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text || "{}") as Record<string, unknown> }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

const signIn = () => call("POST", "/auth/v1/token?grant_type=password", { json: account });
const list = (token: unknown) => call("GET", "/api/content", { token: String(token) });
const refresh = (token: unknown) =>
  call("POST", "/auth/v1/token?grant_type=refresh_token", { json: { refresh_token: token } });

function jump(ms: number): void {
  void ground.target.clock?.advance(ms);
}

describe("a clock that jumps", () => {
  beforeAll(async () => {
    ground = await openProvingGround(await loadProject(join(root, "examples/content")), silentTerminal);
    await platformClient(ground.access, "/auth/v1").post("/admin/users", {
      ...account,
      email_confirm: true,
      app_metadata: { roles: ["reader"] },
    });
  }, START_MS_MAX);

  afterAll(() => ground?.close());

  test("forward: tokens and sessions of before are over, and signing in again works", async () => {
    const { body } = await signIn();
    expect((await list(body["access_token"])).status).toBe(200);
    jump(13 * HOUR_MS);
    expect((await list(body["access_token"])).status).toBe(401);
    expect((await refresh(body["refresh_token"])).status).toBe(400);
    const again = await signIn();
    expect((await list(again.body["access_token"])).status).toBe(200);
    jump(-13 * HOUR_MS);
    expect((await refresh(body["refresh_token"])).status, "what was ended stays ended").toBe(400);
  });

  test("backward: a token from the future opens nothing, and signing in now works", async () => {
    jump(2 * HOUR_MS);
    const { body } = await signIn();
    jump(-2 * HOUR_MS);
    expect((await list(body["access_token"])).status).toBe(401);
    const again = await signIn();
    expect((await list(again.body["access_token"])).status).toBe(200);
  });

  test("the chains of events and evidence are whole, in whatever order the times are", async () => {
    const report = await platformClient(ground.access).get<VerifyReport>("/events/verify");
    expect(report).toMatchObject({ intact: true });
    expect(report.events.verified).toBeGreaterThan(5);
  });
});
