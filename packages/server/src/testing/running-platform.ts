// The whole platform on a database of its own, with a vault in a temporary folder and a small application behind it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subjectPlugin, upstreamTlsOptions } from "@holdfast/gateway/upstream";
import { identityMigrations } from "@holdfast/identity";
import type { Cluster } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import { openVault, type Vault } from "@holdfast/vault";
import Fastify, { type FastifyInstance } from "fastify";
import type { Deployment, UpstreamContext } from "../assembly/deployment.ts";
import { type Platform, type PlatformOptions, startPlatform } from "../assembly/start-platform.ts";
import { platformMigrations } from "../store/migrations.ts";
import { testPolicy } from "./test-policy.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- Tests read what they asked for.
  readonly json: any;
}

export interface RequestInput {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The ground a platform stands on; it outlives the platform, as a data directory does. */
export interface Ground {
  readonly vault: Vault;
  readonly test: TestDatabase;
  readonly cluster: Cluster;
  /** As if the embedded PostgreSQL had died. */
  clusterExits(): void;
  readonly deployment: Deployment;
  start(options?: Partial<PlatformOptions>): Promise<Platform>;
  close(): Promise<void>;
}

export async function openTestGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-server-"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>Tried</title>");
  const vault = await openVault({ directory: join(folder, "vault") });
  const test = await testDatabase({ migrationSets: [identityMigrations, platformMigrations] });
  const exits: (() => void)[] = [];
  const cluster = { kind: "embedded", onExit: (callback: () => void) => exits.push(callback) } as unknown as Cluster;
  const deployment: Deployment = {
    migrations: folder,
    services: { api: startTestApi },
    sites: { app: { directory: folder }, console: { directory: folder } },
  };
  return {
    vault,
    test,
    cluster,
    deployment,
    clusterExits: () => {
      for (const exit of exits) exit();
    },
    start: (options) =>
      startPlatform({
        policy: testPolicy,
        deployment,
        vault,
        cluster,
        database: test.prepared,
        listen: { host: "127.0.0.1", port: 0 },
        ...options,
      }),
    async close() {
      await test.drop();
      await vault.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startTestApi(context: UpstreamContext) {
  const app = Fastify({ https: upstreamTlsOptions(context.certificate) }) as unknown as FastifyInstance;
  const { jwks, issuer, emit, now, isSessionEnded, areRevocationsKnown, keySetVersion } = context;
  const revocations = { isSessionEnded, areRevocationsKnown, keySetVersion };
  await app.register(subjectPlugin, { service: "api", jwks, issuer, emit, now, ...revocations });
  app.get("/api/hello", async (request) => ({ subject: request.subject.id }));
  app.get("/api/broken", async () => {
    throw new Error("Broken on purpose.");
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const url = `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return { url, close: () => app.close() };
}

/** Sends one request to the gateway as a client on the network would. */
export function send(platform: Platform, route: string, input: RequestInput = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    begin(platform, route, input, reject, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const isJson = /json/.test(response.headers["content-type"] ?? "");
        const json = isJson && text !== "" ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
      response.on("error", reject);
    });
  });
}

/** Opens a stream of server-sent events; `next` resolves with the following message of a name. */
export function openStream(
  platform: Platform,
  token: string,
  more: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const headers = { accept: "text/event-stream", ...more };
    begin(platform, "GET /platform/v1/events/stream", { token, headers }, reject, (response) => {
      resolve(readStream(response));
    });
  });
}

export interface EventStream {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- Tests read what they asked for.
  next(name: string): Promise<any>;
  readonly ended: Promise<void>;
  close(): void;
}

function readStream(response: IncomingMessage): EventStream {
  const messages: { name: string; data: unknown }[] = [];
  let waiting: (() => void)[] = [];
  let buffer = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    buffer += chunk;
    for (let end = buffer.indexOf("\n\n"); end >= 0; end = buffer.indexOf("\n\n")) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      messages.push({ name: field("event"), data: JSON.parse(field("data")) });
    }
    for (const wake of waiting) wake();
    waiting = [];
  });
  const ended = new Promise<void>((resolve) => {
    response.on("close", resolve);
  });
  return {
    status: response.statusCode ?? 0,
    ended,
    async next(name) {
      for (;;) {
        const index = messages.findIndex((message) => message.name === name);
        if (index >= 0) return messages.splice(index, 1)[0]?.data;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    close: () => response.destroy(),
  };
}

function begin(
  platform: Platform,
  route: string,
  input: RequestInput,
  reject: (cause: unknown) => void,
  onResponse: (response: IncomingMessage) => void,
): void {
  const [method, path] = route.split(" ") as [string, string];
  const { host } = new URL(platform.origin);
  const body = input.body === undefined ? undefined : JSON.stringify(input.body);
  const request = httpsRequest(
    {
      host: platform.address.host,
      port: platform.address.port,
      servername: "localhost",
      ca: platform.certificateAuthorityPem,
      agent: false,
      method,
      path,
      headers: {
        host,
        ...(input.token === undefined ? {} : { authorization: `Bearer ${input.token}` }),
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...input.headers,
      },
    },
    onResponse,
  );
  request.on("error", reject);
  request.end(body);
}
