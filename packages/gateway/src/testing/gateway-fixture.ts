// A whole gateway on a port of its own: real TLS in front, real mutual TLS behind, a stopped clock.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy, SecurityEvent } from "@holdfast/policy";
import type { FastifyInstance } from "fastify";
import type { GatewayOptions } from "../gateway.ts";
import { createGateway } from "../gateway.ts";
import { spiffeId } from "../peer-identity.ts";
import { testAuthority } from "./certificates.ts";
import { examplePolicy, HOST, ISSUER } from "./example-policy.ts";
import type { RawAnswer } from "./raw-http.ts";
import { sendRaw } from "./raw-http.ts";
import type { StubAnswer, StubService } from "./stub-service.ts";
import { stubService } from "./stub-service.ts";
import type { TestIssuer } from "./tokens.ts";
import { testIssuer } from "./tokens.ts";

export interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface GatewayFixture {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly issuer: TestIssuer;
  readonly events: SecurityEvent[];
  /** The stubs behind it, by service. */
  readonly services: Readonly<Record<string, StubService>>;
  readonly api: StubService;
  readonly clock: { now: number };
  readonly ended: Set<string>;
  send(sending: Sending): Promise<RawAnswer>;
  raw(bytes: string | Buffer): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface FixtureOptions {
  readonly policy?: Policy;
  readonly answer?: StubAnswer;
  /** Plain HTTP in front, where thousands of connections are made. */
  readonly isPlain?: boolean;
  /** The SPIFFE id in the api's certificate. */
  readonly apiIdentity?: string;
  readonly options?: Partial<GatewayOptions>;
}

const INDEX = `<!doctype html><html><head><meta property="csp-nonce" nonce="__CSP_NONCE__"><script type="module" nonce="__CSP_NONCE__" src="/assets/index-AbCdEf12.js"></script></head><body><div id="root"></div></body></html>`;

export async function buildSite(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-site-"));
  await mkdir(join(directory, "assets"));
  await writeFile(join(directory, "index.html"), INDEX);
  await writeFile(join(directory, "robots.txt"), "User-agent: *\n");
  await writeFile(join(directory, "assets", "index-AbCdEf12.js"), "console.log(1)\n");
  await writeFile(join(directory, "assets", "index-AbCdEf12.js.map"), "{}");
  await writeFile(join(directory, "assets", "style-AbCdEf12.css"), "body{}\n");
  await writeFile(join(directory, ".env"), "SECRET=1\n");
  await writeFile(join(directory, ".source-hash"), "0123\n");
  return directory;
}

export async function startGateway(given: FixtureOptions = {}): Promise<GatewayFixture> {
  const clock = { now: Date.now() };
  const events: SecurityEvent[] = [];
  const ended = new Set<string>();
  const authority = await testAuthority();
  const issuer = await testIssuer(ISSUER, () => clock.now);
  const directory = await buildSite();
  const server = await authority.issue("spiffe://holdfast/edge");
  const upstream = {
    certificate: await authority.issue("spiffe://holdfast/gateway"),
    authorityPem: authority.certificatePem,
  };
  const policy = given.policy ?? examplePolicy();
  const services: Record<string, StubService> = {};
  for (const name of Object.keys(policy.services)) {
    const identity = name === "api" ? (given.apiIdentity ?? spiffeId(name)) : spiffeId(name);
    services[name] = await stubService(await authority.issue(identity), given.answer);
  }
  const app = await createGateway({
    policy,
    issuer: ISSUER,
    jwks: () => issuer.jwks(),
    isSessionEnded: (id) => ended.has(id),
    upstreams: Object.fromEntries(Object.entries(services).map(([name, { url }]) => [name, { url, ...upstream }])),
    sites: Object.fromEntries(Object.keys(policy.sites).map((name) => [name, { directory }])),
    emit: (event) => events.push(event),
    now: () => clock.now,
    ...(given.isPlain === true ? {} : { https: { key: server.privateKeyPem, cert: server.certificatePem } }),
    ...given.options,
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const raw = (bytes: string | Buffer): Promise<RawAnswer> => sendRaw(port, bytes, { tls: given.isPlain !== true });
  return {
    app,
    port,
    issuer,
    events,
    services,
    api: services.api as StubService,
    clock,
    ended,
    raw,
    send: (sending) => raw(requestText(sending)),
    async close() {
      await app.close();
      await Promise.all(Object.values(services).map((service) => service.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A request as a well-behaved client writes it. */
export function requestText({ method = "GET", path = "/", headers = {}, body }: Sending): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${HOST}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

/** The header fields of the newest request that a service received. */
export const lastHeaders = (
  service: StubService | undefined,
): Readonly<Record<string, string | string[] | undefined>> => service?.received.at(-1)?.headers ?? {};

/** The problem's code, after its type URI. */
export function problemOf(answer: RawAnswer): { readonly code: string; readonly reason: string } {
  const problem = JSON.parse(answer.body) as { readonly type: string; readonly reason: string };
  return { code: problem.type.split(/[:#]/).at(-1) ?? "", reason: problem.reason };
}
