// A hosted project as the platform sees it: our own identity service on another port, over HTTP, with a database and keys of its
// own. It can be switched off, and told what its keys are.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createIdentity,
  type Identity,
  identityMigrations,
  openSigningKeys,
  type SigningKeys,
} from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";

export interface HostedProject {
  readonly url: string;
  readonly keys: SigningKeys;
  /** Instead of the keys that it has; null: it does not answer at all. */
  published: unknown;
  isDown: boolean;
  keyRequests: number;
  /** The access token of a new account with the roles. */
  person(roles: readonly string[]): Promise<string>;
  /** The address of the newest account; its password is `gravel-otter-lantern-47`. */
  newest(): string;
  settings(): Promise<unknown>;
  close(): Promise<void>;
}

const password = "gravel-otter-lantern-47";

export async function openHostedProject(policy: Policy): Promise<HostedProject> {
  const database: TestDatabase = await testDatabase({ migrationSets: [identityMigrations] });
  const kept = new Map<string, string>();
  const keys = await openSigningKeys({
    replace: async (name, value) => void kept.set(name, value),
    secret: async (name, make) => {
      const secret = kept.get(name) ?? make();
      kept.set(name, secret);
      return secret;
    },
  });
  const late: { identity?: Identity } = {};
  let people = 0;
  const server: Server = createServer((request, response) => {
    if (project.isDown) return void response.socket?.destroy();
    const url = (request.url ?? "").replace(/^\/auth\/v1/, "");
    if (url === "/.well-known/jwks.json") {
      project.keyRequests += 1;
      if (project.published !== undefined) return void response.end(JSON.stringify(project.published));
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const method = (request.method ?? "GET") as "GET";
      const answer = await late.identity?.app.inject({
        method,
        url,
        headers: request.headers,
        payload: Buffer.concat(chunks),
      });
      const version = answer?.headers["x-supabase-api-version"];
      const headers = { "content-type": "application/json", ...(version && { "x-supabase-api-version": version }) };
      response.writeHead(answer?.statusCode ?? 500, headers as Record<string, string>);
      response.end(answer?.rawPayload);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  late.identity = await createIdentity({
    policy,
    keys,
    pool: database.pool("holdfast_identity"),
    emit: () => undefined,
    now: Date.now,
    origin: url,
    messenger: { carries: ["email", "phone"], send: async () => undefined },
  });
  await late.identity.app.ready();
  const project: HostedProject = {
    url,
    keys,
    published: undefined,
    isDown: false,
    keyRequests: 0,
    async person(roles) {
      people += 1;
      const email = `p${people}@example.test`;
      await late.identity?.createAccount({ email, password, roles });
      const answer = await fetch(`${url}/auth/v1/token?grant_type=password`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password }),
      });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    newest: () => `p${people}@example.test`,
    settings: async () => (await fetch(`${url}/auth/v1/settings`)).json(),
    async close() {
      server.closeAllConnections();
      server.close();
      await late.identity?.app.close();
      await database.drop();
    },
  };
  return project;
}
