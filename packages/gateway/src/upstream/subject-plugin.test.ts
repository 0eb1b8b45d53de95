import type { AddressInfo } from "node:net";
import type { SecurityEvent } from "@holdfast/policy";
import type { ServiceCertificate } from "@holdfast/vault";
import Fastify from "fastify";
import { Pool } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestAuthority } from "../testing/certificates.ts";
import { testAuthority } from "../testing/certificates.ts";
import { ISSUER } from "../testing/example-policy.ts";
import type { TestIssuer } from "../testing/tokens.ts";
import { testIssuer } from "../testing/tokens.ts";
import { subjectPlugin } from "./subject-plugin.ts";
import { upstreamTlsOptions } from "./tls.ts";

const now = (): number => Date.now();
const events: SecurityEvent[] = [];
let authority: TestAuthority;
let issuer: TestIssuer;
let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  authority = await testAuthority();
  issuer = await testIssuer(ISSUER, now);
  const app = Fastify({ https: upstreamTlsOptions(await authority.issue("spiffe://holdfast/api")) });
  await app.register(subjectPlugin, {
    service: "api",
    issuer: ISSUER,
    jwks: issuer.jwks,
    emit: (event) => events.push(event),
    now,
  });
  app.get("/who", async ({ subject, claims, requestId, address, correlation }) => ({
    subject,
    sub: claims?.sub ?? null,
    requestId,
    address,
    correlation,
  }));
  app.get("/fail", async () => {
    throw Object.assign(new Error("SELECT * FROM secrets WHERE password = 'hunter2'"), { code: "XX000" });
  });
  app.get("/denied", async () => {
    throw Object.assign(new Error("new row violates row-level security policy"), { code: "42501" });
  });
  app.get("/conflict", async () => {
    throw Object.assign(new Error("internal words"), { statusCode: 409 });
  });
  app.get("/own", async () => {
    const problem = { type: "urn:example:content:not-yours", title: "This is another's." };
    throw Object.assign(new Error("internal words"), { statusCode: 403, problem });
  });
  app.get("/busy", async () => {
    const problem = { type: "urn:example:content:busy", title: "Come back later." };
    throw Object.assign(new Error("internal words"), { statusCode: 503, problem });
  });
  const schema = { body: { type: "object", required: ["title"], properties: { title: { type: "string" } } } };
  app.post("/body", { schema }, async () => ({}));
  await app.listen({ port: 0, host: "127.0.0.1" });
  url = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  close = () => app.close();
});
afterAll(() => close());

async function call(
  path: string,
  headers: Record<string, string> = {},
  given: { readonly as?: string; readonly certificate?: ServiceCertificate | null; readonly body?: string } = {},
): Promise<{ readonly status: number; readonly text: string; readonly type: string }> {
  const certificate =
    given.certificate === undefined
      ? await authority.issue(given.as ?? "spiffe://holdfast/gateway")
      : given.certificate;
  const identity = certificate === null ? {} : { cert: certificate.certificatePem, key: certificate.privateKeyPem };
  const pool = new Pool(url, { connect: { ca: authority.certificatePem, ...identity } });
  try {
    const content = given.body === undefined ? {} : { body: given.body };
    const answer = await pool.request({ path, method: given.body === undefined ? "GET" : "POST", headers, ...content });
    return { status: answer.statusCode, text: await answer.body.text(), type: String(answer.headers["content-type"]) };
  } finally {
    await pool.destroy();
  }
}

describe("a service behind the gateway", () => {
  test("knows who asks, and what the gateway says about the request", async () => {
    const token = await issuer.token({ roles: ["editor"], aal: "aal2" });
    const headers = {
      authorization: `Bearer ${token}`,
      "x-holdfast-request-id": "r-1",
      "x-holdfast-address": "192.0.2.1",
      "x-holdfast-correlation": "c-1",
    };
    const who = JSON.parse((await call("/who", headers)).text);
    expect(who).toMatchObject({
      subject: { kind: "person", roles: ["editor"], assurance: "aal2" },
      requestId: "r-1",
      address: "192.0.2.1",
      correlation: "c-1",
    });
    expect(who.sub).toBe(who.subject.id);
    expect(JSON.parse((await call("/who")).text)).toMatchObject({
      subject: { kind: "anonymous", id: null },
      sub: null,
    });
  });

  test("verifies the token once more and refuses a forged one", async () => {
    const [head, payload] = (await issuer.token()).split(".");
    expect((await call("/who", { authorization: `Bearer ${head}.${payload}.${"A".repeat(86)}` })).status).toBe(401);
    expect((await call("/who", { authorization: "Basic YTpi" })).status).toBe(401);
  });

  test("hears nobody without a certificate, with one of another authority, or with another name", async () => {
    await expect(call("/who", {}, { certificate: null })).rejects.toThrow();
    const other = await (await testAuthority()).issue("spiffe://holdfast/gateway");
    await expect(call("/who", {}, { certificate: other })).rejects.toThrow();
    await expect(call("/who", {}, { as: "spiffe://holdfast/other" })).rejects.toThrow();
    await expect(call("/who", {}, { as: "spiffe://evil/gateway" })).rejects.toThrow();
    expect((await call("/who")).status).toBe(200);
  });

  test("says nothing of an unexpected error, and records it without its message", async () => {
    const answer = await call("/fail", { "x-holdfast-request-id": "r-2" });
    expect([answer.status, answer.type]).toEqual([500, "application/problem+json"]);
    expect(answer.text).not.toContain("hunter2");
    expect(events.at(-1)).toMatchObject({
      name: "api.error",
      service: "api",
      reason: "XX000",
      route: "GET /fail",
      requestId: "r-2",
    });
    expect(JSON.stringify(events)).not.toContain("hunter2");
  });

  test("answers PostgreSQL's refusal with 403 and records it as one", async () => {
    expect((await call("/denied")).status).toBe(403);
    expect(events.at(-1)?.name).toBe("database.refused");
    expect(events.at(-1)?.actor).toBeUndefined();
    const actor = crypto.randomUUID();
    const token = await issuer.token({ claims: { act: { sub: actor } } });
    await call("/denied", { authorization: `Bearer ${token}` });
    expect(events.at(-1)).toMatchObject({ name: "database.refused", actor });
  });

  test("keeps a status that was meant, without the words, and does not call it an error", async () => {
    const before = events.length;
    const answer = await call("/conflict");
    expect([answer.status, JSON.parse(answer.text).title]).toEqual([409, "Conflict"]);
    expect((await call("/nothing")).status).toBe(404);
    const invalid = await call("/body", { "content-type": "application/json" }, { body: "{}" });
    expect([invalid.status, JSON.parse(invalid.text).errors]).toEqual([
      400,
      [{ pointer: "", detail: "must have required property 'title'" }],
    ]);
    expect(events).toHaveLength(before);
  });

  test("gives every refusal a stable type, its own or the service's", async () => {
    const typeOf = async (path: string, headers = {}): Promise<unknown> =>
      JSON.parse((await call(path, headers)).text).type;
    expect(await typeOf("/who", { authorization: "Basic YTpi" })).toBe("urn:holdfast:problem:token-invalid");
    expect(await typeOf("/denied")).toBe("urn:holdfast:problem:access-refused");
    expect(await typeOf("/nothing")).toBe("urn:holdfast:problem:route-unknown");
    expect(await typeOf("/fail")).toBe("urn:holdfast:problem:upstream-error");
    expect(await typeOf("/conflict")).toBe("about:blank");
    expect(JSON.parse((await call("/own")).text)).toMatchObject({
      type: "urn:example:content:not-yours",
      title: "This is another's.",
      status: 403,
    });
  });

  test("calls a failure that the service knows by its own type, and records it all the same", async () => {
    const before = events.length;
    const answer = await call("/busy");
    expect([answer.status, JSON.parse(answer.text).type]).toEqual([503, "urn:example:content:busy"]);
    expect(events.slice(before).map((event) => event.name)).toEqual(["api.error"]);
  });
});
