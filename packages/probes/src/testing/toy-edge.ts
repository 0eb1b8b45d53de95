// A toy deployment for tests: an edge with accounts, events and headers, small enough to be read, sound unless told otherwise.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { aal2, all, anyone, column, defineSecurity, owner, type Policy, role, signedIn } from "@holdfast/policy";
import { forgeAuthority } from "../forged-certificate.ts";
import { encodePart } from "../forged-token.ts";
import type { Target } from "../target.ts";
import type { TwinCertificate } from "../twin.ts";

export const toyPolicy: Policy = defineSecurity({
  application: { name: "toy", origin: "https://localhost:8443" },
  roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
  identity: { signUp: "open", defaultRoles: ["reader"] },
  tables: {
    notes: {
      columns: { id: { type: "uuid", writable: false }, owner_id: "uuid", status: "text" },
      select: owner("owner_id"),
      insert: owner("owner_id"),
      update: all(owner("owner_id"), column("status").is("open")),
      delete: role("admin"),
    },
  },
  services: {
    api: {
      routes: {
        "GET /api/notes": { allow: signedIn() },
        "POST /api/notes": {
          allow: role("reader"),
          body: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
        },
        "GET /api/notes/:id": { allow: signedIn() },
        "DELETE /api/notes/:id": { allow: all(role("admin"), aal2()) },
      },
    },
  },
  sites: {
    app: {
      mount: "/",
      pages: { "/": anyone(), "/sign-in": anyone(), "/no": anyone(), "/own": signedIn() },
      signIn: "/sign-in",
      unauthorized: "/no",
    },
  },
});

/** What the toy does wrong. */
export interface ToyFaults {
  readonly withoutHeaders?: boolean;
  readonly withoutEvents?: boolean;
  /** Events are recorded so long after they happened, in milliseconds. */
  readonly eventDelayMs?: number;
  /** What cannot be parsed is cut off without an answer. */
  readonly closesSilently?: boolean;
  /** Believes every token that can be decoded. */
  readonly believesTokens?: boolean;
  /** Accounts cannot be removed. */
  readonly keepsAccounts?: boolean;
  readonly refusesAccounts?: boolean;
  /** The first request of the run that makes an account meets a spent limit, which asks to wait no time. */
  readonly isBusyAtFirst?: boolean;
}

export interface ToyEdge {
  readonly target: Target;
  /** Connections that were opened so far. */
  readonly connections: () => number;
  readonly accounts: () => number;
  /** Puts an account there that was made a day ago. */
  readonly plant: (email: string) => string;
  /** Addresses that requests came from. */
  readonly clients: () => readonly string[];
  /** A certificate for the toy's name by its own authority, for a twin. */
  readonly certificate: () => TwinCertificate;
  close(): Promise<void>;
}

const TOY_SERVICE_KEY = `${encodePart({ alg: "ES256", kid: "toy", typ: "JWT" })}.${encodePart({ role: "service_role", iat: 1_000, exp: 2_000 })}.${encodePart("sealed by the toy")}`;

const HEADERS = {
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cache-control": "no-store",
};
const PAGE_HEADERS = { "cross-origin-opener-policy": "same-origin", "permissions-policy": "camera=()" };

const MODERN =
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";

const DAY_MS = 86_400_000;

interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly event?: string;
  readonly isPage?: boolean;
  readonly retryAfter?: number;
}

export async function startToyEdge(faults: ToyFaults = {}): Promise<ToyEdge> {
  const authority = forgeAuthority();
  const certificate = authority.issue({ host: "localhost" });
  const state = { accounts: new Map<string, string>(), tokens: new Map<string, string>(), events: [] as ToyEvent[] };
  const server = createServer(
    { cert: certificate.certificatePem, key: certificate.privateKeyPem, ciphers: MODERN },
    (request, response) => {
      void readBody(request).then((body) => {
        const answered = answerOf(request, body, state, faults);
        const correlation = request.headers["x-correlation-id"];
        if (answered.event && !faults.withoutEvents) {
          state.events.unshift({
            seq: state.events.length + 1,
            name: answered.event,
            correlation,
            requestId: randomUUID(),
            at: Date.now(),
            recordedAt: Date.now() + (faults.eventDelayMs ?? 0),
          });
        }
        send(response, answered, faults);
      });
    },
  );
  server.on("clientError", (_error, socket: Socket) => {
    const { event, status, body } = problem(400, "malformed-request", "edge.malformed-refused");
    const requestId = randomUUID();
    if (!faults.withoutEvents) {
      const { remoteAddress: address, remotePort: port } = socket;
      const at = Date.now();
      const facts = { name: event, requestId, address, detail: { port }, at, recordedAt: at };
      state.events.unshift({ seq: state.events.length + 1, ...facts });
    }
    const answer = `HTTP/1.1 ${status} Bad Request\r\nx-request-id: ${requestId}\r\n\r\n${JSON.stringify(body)}`;
    if (faults.closesSilently) socket.destroy();
    else socket.end(answer);
  });
  let connections = 0;
  const clients = new Set<string>();
  server.on("connection", (socket) => {
    clients.add(socket.remoteAddress ?? "");
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    target: {
      origin: "https://localhost:8443",
      address: { host: "127.0.0.1", port },
      authorityPem: authority.certificatePem,
      serviceKey: TOY_SERVICE_KEY,
      policy: toyPolicy,
      policyHash: "toy",
    },
    connections: () => connections,
    accounts: () => state.accounts.size,
    plant: (email) => {
      const id = `old-${randomUUID()}`;
      state.accounts.set(id, email);
      return id;
    },
    clients: () => [...clients],
    certificate: () => authority.issue({ host: "localhost" }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface ToyEvent {
  readonly seq: number;
  readonly [field: string]: unknown;
}

interface ToyState {
  readonly accounts: Map<string, string>;
  readonly tokens: Map<string, string>;
  readonly events: ToyEvent[];
  wasBusy?: boolean;
}

/** Newest first, a page at a time, as the platform answers. */
function eventPage(url: string, events: readonly ToyEvent[]): Answered {
  const query = new URL(url, "https://localhost").searchParams;
  const before = Number(query.get("cursor") ?? Number.POSITIVE_INFINITY);
  const older = events.filter((event) => event.seq < before);
  const page = older.slice(0, Number(query.get("limit")));
  return { status: 200, body: { events: page, next: page.length < older.length ? page.at(-1)?.seq : null } };
}

const problem = (status: number, word: string, event?: string): Answered => ({
  status,
  body: { type: `urn:holdfast:problem:${word}`, status },
  ...(event ? { event } : {}),
});

function answerOf(request: IncomingMessage, body: string, state: ToyState, faults: ToyFaults): Answered {
  const [path = ""] = (request.url ?? "").split("?");
  const bearer = request.headers.authorization?.replace("Bearer ", "");
  const isService = bearer === TOY_SERVICE_KEY;
  if (path === "/platform/v1/events" && isService) return eventPage(request.url ?? "", state.events);
  if (path.startsWith("/auth/v1/admin/users") && isService)
    return administer(request.method ?? "", path, body, state, faults);
  if (request.method === "OPTIONS") return problem(405, "method-not-allowed", "edge.route-unknown");
  if (path === "/auth/v1/token") return signIn(body, state);
  if (path === "/auth/v1/health") return { status: 200, body: {} };
  if (path === "/") return { status: 200, body: "<!doctype html><title>toy</title>", isPage: true };
  if (path !== "/auth/v1/user") return problem(404, "route-unknown", "edge.route-unknown");
  if (request.method !== "GET") return problem(405, "method-not-allowed", "edge.route-unknown");
  if (bearer === undefined) return problem(401, "sign-in-required", "edge.access-refused");
  const id = state.tokens.get(bearer);
  if (id === undefined && !faults.believesTokens) return problem(401, "token-invalid", "edge.token-refused");
  return { status: 200, body: { id } };
}

function administer(method: string, path: string, body: string, state: ToyState, faults: ToyFaults): Answered {
  const id = path.split("/").at(-1) ?? "";
  if (method === "POST") {
    if (faults.isBusyAtFirst && state.accounts.size === 0 && !state.wasBusy) {
      state.wasBusy = true;
      return { ...problem(429, "quota-exceeded"), retryAfter: 0 };
    }
    if (faults.refusesAccounts) return { status: 422, body: { code: "email_exists" } };
    const made = randomUUID();
    state.accounts.set(made, (JSON.parse(body) as { email: string }).email);
    return { status: 200, body: { id: made } };
  }
  if (path.endsWith("/users")) return { status: 200, body: { users: listed(state) } };
  if (method === "DELETE" && !faults.keepsAccounts) state.accounts.delete(id);
  return state.accounts.has(id) ? { status: 200, body: { id } } : { status: 404, body: { code: "user_not_found" } };
}

/** Planted accounts were made a day ago. */
function listed(state: ToyState): object[] {
  return [...state.accounts].map(([id, email]) => ({
    id,
    email,
    created_at: new Date(Date.now() - (id.startsWith("old") ? DAY_MS : 0)).toISOString(),
  }));
}

function signIn(body: string, state: ToyState): Answered {
  const { email } = JSON.parse(body) as { email: string };
  const id = [...state.accounts].find(([, known]) => known === email)?.[0];
  if (id === undefined) return { status: 400, body: { code: "invalid_credentials" }, event: "signin.failed" };
  const payload = {
    sub: id,
    role: "authenticated",
    aal: "aal1",
    session_id: randomUUID(),
    app_metadata: { roles: ["reader"] },
  };
  const token = `${encodePart({ alg: "ES256", kid: "toy", typ: "JWT" })}.${encodePart(payload)}.${encodePart(randomUUID())}`;
  state.tokens.set(token, id);
  return { status: 200, body: { access_token: token, refresh_token: randomUUID() } };
}

function send(response: ServerResponse, { status, body, isPage, retryAfter }: Answered, faults: ToyFaults): void {
  const policy = `default-src 'none'; script-src 'nonce-${Buffer.from(randomUUID()).toString("base64")}'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'`;
  const secure = isPage ? { ...HEADERS, ...PAGE_HEADERS, "content-security-policy": policy } : HEADERS;
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  response.writeHead(status, {
    ...(faults.withoutHeaders ? {} : secure),
    "content-type": isPage ? "text/html" : "application/json",
  });
  response.end(isPage ? body : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}
