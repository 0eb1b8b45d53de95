import { request as httpsRequest } from "node:https";
import { controls, type Observation } from "@holdfast/policy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serviceCertificate } from "../assembly/certificates.ts";
import { policyHash } from "../assembly/policy-hash.ts";
import type { Platform } from "../assembly/start-platform.ts";
import { administrator, reader, type SignedInAdministrator, trySignIn } from "../testing/people.ts";
import { type Ground, openStream, openTestGround, send } from "../testing/running-platform.ts";
import { testPolicy } from "../testing/test-policy.ts";
import { apiRoutes } from "./routes.ts";

let ground: Ground;
let platform: Platform;
let admin: SignedInAdministrator;
let readerToken: string;
/** What "attack again" does; each test says. */
let attack: (checks: readonly string[]) => Promise<void> = async () => undefined;

beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start({ attackAgain: (checks) => attack(checks) });
  admin = await administrator(platform);
  readerToken = await reader(platform);
});

afterAll(async () => {
  await platform.stop();
  await ground.close();
});

const get = async (path: string, token: string | undefined = platform.serviceKey) =>
  send(platform, `GET /platform/v1${path}`, { token });

const proven = controls.find((control) => control.checks.length > 0) as (typeof controls)[number];

function observation(check: string, change: Partial<Observation> = {}): Observation {
  const now = Date.now();
  return {
    check,
    version: "v1",
    result: "held",
    looked: 2,
    seen: "Refused.",
    startedAt: now - 2,
    finishedAt: now - 1,
    policyHash: policyHash(testPolicy),
    target: platform.origin,
    transcript: [],
    ...change,
  };
}

const report = (observations: readonly Observation[]) =>
  send(platform, "POST /platform/v1/evidence", { token: platform.serviceKey, body: { observations } });

describe("who may ask", () => {
  const readable = apiRoutes.map((route) => route.id).filter((id) => id !== "POST /platform/v1/reports/csp");

  test.each(readable)(
    "%s answers neither a stranger, nor a reader, nor an administrator without second factor",
    async (id) => {
      const route = id.replace(":id", "some-id");
      const body = id.startsWith("POST") ? { note: "x" } : undefined;
      const status = async (token?: string) => (await send(platform, route, { token, body })).status;
      expect(await status()).toBe(401);
      expect(await status(readerToken)).toBe(403);
      expect(await status(admin.weakToken)).toBe(403);
    },
  );

  test("the administrator with a second factor and the service key read; only the service key reports evidence", async () => {
    expect((await get("/summary", admin.token)).status).toBe(200);
    expect((await get("/summary")).status).toBe(200);
    const attempt = await send(platform, "POST /platform/v1/evidence", {
      token: admin.token,
      body: { observations: [] },
    });
    expect(attempt.status).toBe(403);
  });

  /** Asks the platform itself, past the gateway, with a certificate of our authority or none. */
  const askDirectly = async (service: string | null, token: string): Promise<number | string> => {
    const authority = await ground.vault.certificateAuthority();
    const own = service === null ? null : await serviceCertificate(authority, service);
    const upstream = platform.upstreams.find((each) => each.service === "platform");
    return new Promise((resolve) => {
      const request = httpsRequest(`${upstream?.url}/platform/v1/summary`, {
        ca: authority.certificatePem,
        checkServerIdentity: () => undefined,
        agent: false,
        headers: { authorization: `Bearer ${token}` },
        ...(own === null ? {} : { cert: own.certificatePem, key: own.privateKeyPem }),
      });
      request.on("response", (response) => resolve(response.statusCode ?? 0));
      request.on("error", (cause: NodeJS.ErrnoException) => resolve(cause.code ?? "error"));
      request.end();
    });
  };

  test("past the gateway nobody is heard without the gateway's certificate, and a reader is refused even with it", async () => {
    expect(await askDirectly(null, admin.token)).toMatch(/^E/);
    expect(await askDirectly("api", admin.token)).toMatch(/^E/);
    expect(await askDirectly("gateway", admin.token)).toBe(200);
    expect(await askDirectly("gateway", readerToken)).toBe(403);
    expect(await askDirectly("gateway", "no.such.token")).toBe(401);
  });
});

describe("controls and evidence", () => {
  test("without evidence everything is unproven, and the sentence says so", async () => {
    const { json } = await get("/summary");
    expect(json.score).toMatchObject({ held: 0, total: controls.length, unproven: controls.length });
    expect(json.score.sentence).toBe(`0 of ${controls.length} controls held · 0 broken · ${controls.length} unproven`);
    expect(json.matrix.rows).toHaveLength(controls.length);
    expect(json).toMatchObject({ policyHash: policyHash(testPolicy), health: { state: "ready", failing: [] } });
  });

  test("evidence of every check with a caught sabotage makes a control held; one broken check makes it broken", async () => {
    const control = proven;
    const sabotage = { name: "twin", result: "caught" } as const;
    const runs = control.checks.map((check) => observation(check));
    const sabotages = control.checks.map((check) => observation(check, { result: "broken", sabotage }));
    const answer = await report([...runs, ...sabotages]);
    expect(answer.status, answer.text).toBe(201);
    const detail = (await get(`/controls/${control.id}`)).json;
    expect(detail).toMatchObject({ id: control.id, status: "held", reasons: [], running: false });
    expect(detail.checkDetails[0]).toMatchObject({
      status: "held",
      newest: { seen: "Refused." },
      sabotage: { sabotage },
    });
    const broken = control.checks[0] as string;
    await report([observation(broken, { result: "broken", seen: "It worked.", finishedAt: Date.now() })]);
    const list = (await get("/controls")).json;
    expect(list.controls.find((each: { id: string }) => each.id === control.id)).toMatchObject({
      status: "broken",
      reasons: [{ code: "attack-succeeded", check: broken }],
    });
    const { alerts } = (await get("/alerts?state=open")).json;
    expect(alerts).toContainEqual(expect.objectContaining({ rule: "check-broken", group: broken }));
  });

  test("a report with a mistake records nothing and says where", async () => {
    const before = (await get("/evidence?limit=1")).json.evidence[0]?.seq;
    const answer = await report([observation(proven.checks[0] as string), observation("NO-SUCH")]);
    expect(answer).toMatchObject({ status: 422, json: { code: "evidence/unknown-check" } });
    expect(answer.json.detail).toContain("observations[1].check");
    expect((await get("/evidence?limit=1")).json.evidence[0]?.seq).toBe(before);
  });

  test("what does not exist is not found", async () => {
    for (const path of ["/controls/nothing", "/incidents/nothing"]) {
      expect((await get(path)).json).toMatchObject({ status: 404, code: "platform/not-found" });
    }
  });
});

describe("attack again", () => {
  test("a run goes on in the background, one at a time, and its progress is visible", async () => {
    let finish = (): void => undefined;
    attack = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const stream = await openStream(platform, admin.token);
    await stream.next("heartbeat");
    const begun = await send(platform, `POST /platform/v1/controls/${proven.id}/prove`, { token: admin.token });
    expect(begun).toMatchObject({ status: 202, json: { run: { state: "running", control: proven.id, finished: [] } } });
    expect(await stream.next("proof")).toMatchObject({ state: "running" });
    expect((await get(`/controls/${proven.id}`)).json).toMatchObject({ running: true, run: { id: begun.json.run.id } });
    const second = await send(platform, `POST /platform/v1/controls/${proven.id}/prove`, { token: admin.token });
    expect(second.json).toMatchObject({ status: 409, code: "platform/proof-running" });
    const check = proven.checks[0] as string;
    await report([observation(check)]);
    expect(await stream.next("proof")).toMatchObject({ finished: [check] });
    finish();
    expect(await stream.next("proof")).toMatchObject({ state: "finished", problem: null });
    expect((await get(`/controls/${proven.id}`)).json).toMatchObject({ running: false, run: { state: "finished" } });
    stream.close();
  });

  test("a run that fails says so, and the next one may begin", async () => {
    attack = async () => {
      throw new Error("The target did not answer.");
    };
    const stream = await openStream(platform, admin.token);
    await send(platform, `POST /platform/v1/controls/${proven.id}/prove`, { token: admin.token });
    await stream.next("proof");
    expect(await stream.next("proof")).toMatchObject({ state: "failed", problem: "The target did not answer." });
    stream.close();
  });

  test("a control without checks has nothing to attack", async () => {
    const empty = controls.find((control) => control.checks.length === 0);
    const answer = await send(platform, `POST /platform/v1/controls/${empty?.id}/prove`, { token: admin.token });
    expect(answer.json.code).toBe("platform/nothing-to-prove");
  });
});

describe("events", () => {
  test("they are found by correlation right after they were caused", async () => {
    const headers = { "x-correlation-id": "trial-17" };
    await send(platform, "GET /api/hello", { headers });
    const { json } = await get("/events?correlation=trial-17");
    expect(json.events).toMatchObject([
      { name: "edge.access-refused", route: "GET /api/hello", correlation: "trial-17" },
    ]);
  });

  test.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "nam=signin.failed",
    "name=no.such",
    "after=-1",
    "cursor=0",
    "correlation=%0a",
  ])("the query %s is refused rather than ignored", async (query) => {
    expect((await get(`/events?${query}`)).json).toMatchObject({ status: 400, code: "platform/input-invalid" });
  });

  test("pages follow each other without a gap", async () => {
    const all = (await get("/events?limit=200")).json.events.map((event: { seq: number }) => event.seq) as number[];
    const first = (await get("/events?limit=3")).json;
    const second = (await get(`/events?limit=3&cursor=${first.next}`)).json;
    const seqs = [...first.events, ...second.events].map((event: { seq: number }) => event.seq);
    expect(all.slice(all.indexOf(seqs[0] as number)).slice(0, 6)).toEqual(seqs);
  });

  test("every log verifies", async () => {
    const { json } = await get("/events/verify");
    expect(json).toMatchObject({ intact: true, events: { intact: true, fault: null }, evidence: { intact: true } });
    expect(json.events.verified).toBeGreaterThan(3);
  });

  test("a browser's report of a policy violation becomes an event without paths or secrets", async () => {
    const violation = {
      "effective-directive": "script-src-elem",
      "blocked-uri": "https://evil.example/x?token=1",
      "document-uri": "https://localhost:8443/content/7?k=v",
    };
    const old = await send(platform, "POST /platform/v1/reports/csp", {
      headers: { "content-type": "application/csp-report" },
      body: { "csp-report": violation },
    });
    expect(old.status, old.text).toBe(204);
    const body = { effectiveDirective: "img-src", blockedURL: "inline", documentURL: "https://localhost:8443/" };
    const modern = await send(platform, "POST /platform/v1/reports/csp", {
      headers: { "content-type": "application/reports+json" },
      body: [
        { type: "csp-violation", body },
        { type: "deprecation", body: {} },
      ],
    });
    expect(modern.status, modern.text).toBe(204);
    const { json } = await get("/events?name=edge.csp-violation");
    expect(json.events.map((event: { detail: object }) => event.detail)).toEqual([
      { directive: "img-src", blocked: "inline", page: "/" },
      { directive: "script-src-elem", blocked: "https://evil.example", page: "/content/7" },
    ]);
  });

  test("the plan's metrics are there, and count", async () => {
    await trySignIn(platform, "ada@example.com", "wrong-wrong-wrong");
    const { text, headers } = await send(platform, "GET /metrics", { token: platform.serviceKey });
    expect(headers["content-type"]).toContain("text/plain");
    expect(text).toMatch(/^holdfast_failed_login_attempts_total 1$/m);
    expect(text).toMatch(/^holdfast_api_errors_total 0$/m);
    expect(text).toMatch(/^holdfast_security_events_total\{class="authentication",severity="medium"\} [1-9]/m);
    expect(text).toMatch(/^holdfast_security_events_total\{class="datastore_activity",severity="critical"\} 0$/m);
    expect(text).toMatch(/^holdfast_http_requests_total\{code="2xx"\} [1-9]/m);
    expect(text).toMatch(/^holdfast_controls\{status="unproven"\} [1-9]/m);
  });
});

describe("the stream", () => {
  test("events arrive as they are recorded, and a reader that comes back gets what it missed", async () => {
    const stream = await openStream(platform, admin.token);
    expect(stream.status).toBe(200);
    await stream.next("heartbeat");
    await send(platform, "GET /api/hello", { headers: { "x-correlation-id": "streamed" } });
    // What happened just before may still be on its way to the log.
    let heard = await stream.next("event");
    for (let earlier = 0; heard.correlation !== "streamed" && earlier < 10; earlier += 1)
      heard = await stream.next("event");
    expect(heard).toMatchObject({ name: "edge.access-refused", correlation: "streamed" });
    stream.close();
    const again = await openStream(platform, admin.token, { "last-event-id": String(heard.seq - 1) });
    expect(await again.next("event")).toMatchObject({ seq: heard.seq });
    again.close();
  });

  test("one subject cannot hold more than six streams", async () => {
    const streams = await Promise.all(Array.from({ length: 6 }, () => openStream(platform, platform.serviceKey)));
    const seventh = await openStream(platform, platform.serviceKey);
    expect(seventh.status).toBe(503);
    for (const stream of [...streams, seventh]) stream.close();
  });

  test("it ends when its session ends", async () => {
    const stream = await openStream(platform, admin.token);
    await stream.next("heartbeat");
    const answer = await send(platform, "POST /auth/v1/logout", { token: admin.token, body: {} });
    expect(answer.status).toBe(204);
    expect(await stream.next("end")).toEqual({ reason: "session-ended" });
    await stream.ended;
    expect((await get("/summary", admin.token)).status).toBe(401);
  });
});
