// The example's API as it runs, for its tests: mutual TLS, verified tokens, and real PostgreSQL under the compiled policy.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePostgres } from "@holdfast/compile";
import type { SecurityEvent } from "@holdfast/policy";
import { Sealing } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import { openVault, type ServiceCertificate } from "@holdfast/vault";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll } from "vitest";
import { type RunningApi, startApi } from "../examples/content/api/start-api.ts";
import security from "../examples/content/security.ts";
import { sealedColumnsOf } from "../packages/server/src/assembly/sealed-columns.ts";

const issuer = `${security.application.origin}/auth/v1`;
export const events: SecurityEvent[] = [];
export const endedSessions = new Set<string>();
let directory: string;
export let database: TestDatabase;
let api: RunningApi;
let gateway: ServiceCertificate;
export let stranger: ServiceCertificate;
let key: CryptoKey;

export interface Person {
  readonly id: string;
  readonly roles: readonly string[];
  readonly aal: "aal1" | "aal2";
  readonly sessionId: string;
}

export const person = (roles: readonly string[], aal: Person["aal"] = "aal1"): Person => ({
  id: randomUUID(),
  roles,
  aal,
  sessionId: randomUUID(),
});
export const ada = person(["reader"]);
export const bob = person(["reader"]);
export const editor = person(["editor"]);
export const admin = person(["admin"], "aal2");
export const adminWithoutFactor: Person = { ...admin, aal: "aal1" };

/** Starts it before the tests of the file, and ends it after them. */
export function useApi(): void {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "content-api-"));
    const vault = await openVault({ directory });
    const authority = await vault.certificateAuthority();
    const issue = (service: string) =>
      authority.issue({
        commonName: service,
        ipAddresses: ["127.0.0.1"],
        uris: [`spiffe://holdfast/${service}`],
        usage: ["server", "client"],
        days: 1,
      });
    [gateway, stranger] = await Promise.all([issue("gateway"), issue("stranger")]);
    const pair = await generateKeyPair("ES256");
    key = pair.privateKey;
    const jwk: JWK = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256", use: "sig" };
    database = await testDatabase({
      migrationSets: [
        { name: "application", directory: fileURLToPath(new URL("../examples/content/migrations/", import.meta.url)) },
      ],
    });
    const administrator = await database.administrator();
    await administrator.query(compilePostgres(security).text);
    const sealing = new Sealing({
      keyring: vault.keyring,
      tenant: security.application.name,
      columns: sealedColumnsOf(security),
      catalog: ({ text, values = [] }) => administrator.query(text, [...values]),
    });
    api = await startApi({
      certificate: await issue("api"),
      pool: database.pool("holdfast_api", { emit: (event) => void events.push(event), sealing }),
      jwks: () => ({ keys: [jwk] }),
      areRevocationsKnown: () => true,
      keySetVersion: () => 0,
      issuer,
      secret: async (name) => {
        throw new Error(`there is no secret ${name}`);
      },
      emit: (event) => void events.push(event),
      now: () => Date.now(),
      isSessionEnded: (sessionId) => endedSessions.has(sessionId),
      policy: security,
    });
  });

  afterAll(async () => {
    await api?.close();
    await database?.drop();
    await rm(directory, { recursive: true, force: true });
  });
}

async function tokenOf({ id, roles, aal, sessionId }: Person): Promise<string> {
  return new SignJWT({
    role: "authenticated",
    aal,
    email: "person@example.test",
    session_id: sessionId,
    is_anonymous: false,
    app_metadata: { roles },
    user_metadata: { roles: ["admin"] },
  })
    .setProtectedHeader({ alg: "ES256", kid: "k1", typ: "JWT" })
    .setIssuer(issuer)
    .setAudience("authenticated")
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(key);
}

interface AnswerBody {
  readonly type: string;
  readonly id: string;
  readonly owner_id: string;
  readonly title: string;
  readonly updated_at: string;
  readonly next: string | null;
  readonly items: readonly {
    readonly id: string;
    readonly status: string;
    readonly owner_id: string;
    readonly drafts: number;
  }[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  /** Whatever came back; a test looks at the fields that its answer has. */
  readonly body: AnswerBody;
}

export async function call(who: Person | null, route: string, body?: unknown, as = gateway): Promise<Answer> {
  const [method = "GET", path = "/"] = route.split(" ");
  const token = who === null ? null : await tokenOf(who);
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(new URL(path, api.url), {
      method,
      agent: false,
      key: as.privateKeyPem,
      cert: as.certificatePem,
      ca: as.authorityPem,
      headers: {
        "x-holdfast-request-id": randomUUID(),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      },
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let received = "";
      response.on("data", (chunk: Buffer) => (received += chunk.toString()));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: String(response.headers["content-type"] ?? ""),
          body: received === "" ? null : JSON.parse(received),
        }),
      );
    });
    sent.end(text);
  });
}

export const create = async (who: Person, content: object = {}) =>
  (await call(who, "POST /api/content", { title: "A title", body: "A body", ...content })).body;
