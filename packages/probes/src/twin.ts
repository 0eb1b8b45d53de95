// A broken twin: a proxy in front of a sound deployment that undoes one protection, so that a check can be seen to turn red.
// It stands on loopback, lives as long as one sabotage run, and is never part of a deployment.

import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { forgeAuthority } from "./forged-certificate.ts";
import { type Address, assertAllowedTarget, edgeAddress, LOOPBACK_HOSTS, type Target } from "./target.ts";

export interface TwinRequest {
  readonly kind: "request";
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TwinAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What the twin does wrong. Everything else passes unchanged. */
export interface TwinHole {
  /** Changes a request on its way in, or answers it as a vulnerable system would. */
  readonly request?: (request: TwinRequest) => TwinRequest | TwinAnswer;
  /** Changes an answer on its way out. */
  readonly answer?: (answer: TwinAnswer, request: TwinRequest) => TwinAnswer;
  /** Accepts ambiguous framing, as a lenient parser does. */
  readonly lenientParser?: true;
  /** Accepts TLS 1.0 and 1.1 and old cipher suites. */
  readonly oldTls?: true;
  /** Shows a certificate that no trusted authority signed. */
  readonly foreignCertificate?: true;
  /** Stands beside the services as one more of them, and asks nobody for a certificate. */
  readonly openService?: true;
}

/** A server certificate for the origin's name, signed by the target's authority, for the twin to show. */
export interface TwinCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface Twin {
  /** The sound target with the twin in front of it. */
  readonly target: Target;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/** Puts a broken twin in front of a target. @throws ProbeError when the target is not allowed. */
export async function startTwin(sound: Target, hole: TwinHole, certificate: TwinCertificate): Promise<Twin> {
  assertAllowedTarget(sound);
  // A connection for each client's address stays open: a handshake costs more than the request after it.
  const agent = new Agent({ keepAlive: true, maxCachedSessions: 0 });
  const server = createServer(serverOptions(sound, hole, certificate), (incoming, outgoing) => {
    pass({ sound, hole, agent }, incoming, outgoing).catch(() => {
      // The twin is the attacker's view of a broken system: when it fails, it fails as one.
      outgoing.destroy();
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const address: Address = { host: LOOPBACK, port: (server.address() as AddressInfo).port };
  return {
    target: {
      ...sound,
      // As a service it is reached past the edge, which stays sound.
      ...(hole.openService
        ? { upstreams: [...(sound.upstreams ?? []), { service: "twin", ...address }] }
        : { address }),
      allowedHosts: [...(sound.allowedHosts ?? LOOPBACK_HOSTS), LOOPBACK],
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

function serverOptions(sound: Target, hole: TwinHole, certificate: TwinCertificate): ServerOptions {
  const shown = hole.foreignCertificate
    ? forgeAuthority().issue({ host: new URL(sound.origin).hostname })
    : certificate;
  return {
    cert: shown.certificatePem,
    key: shown.privateKeyPem,
    insecureHTTPParser: hole.lenientParser ?? false,
    ...(hole.oldTls ? { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" } : {}),
  };
}

interface TwinParts {
  readonly sound: Target;
  readonly hole: TwinHole;
  readonly agent: Agent;
}

async function pass(
  { sound, hole, agent }: TwinParts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const asked: TwinRequest = {
    kind: "request",
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: incoming.headers,
    body: await bytesOf(incoming),
  };
  const changed = hole.request?.(asked) ?? asked;
  const answer =
    changed.kind === "answer" ? changed : await forward(sound, agent, changed, incoming.socket.remoteAddress);
  const told = hole.answer?.(answer, asked) ?? answer;
  const headers = { ...told.headers, "content-length": told.body.length };
  delete (headers as OutgoingHttpHeaders)["transfer-encoding"];
  outgoing.writeHead(told.status, headers);
  outgoing.end(asked.method === "HEAD" ? undefined : told.body);
}

function forward(sound: Target, agent: Agent, asked: TwinRequest, client: string | undefined): Promise<TwinAnswer> {
  const address = edgeAddress(sound);
  const { "transfer-encoding": _, connection: __, ...headers } = asked.headers;
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        host: address.host,
        port: address.port,
        agent,
        servername: new URL(sound.origin).hostname,
        ca: sound.authorityPem,
        // The deployment behind goes on counting by the client's own address.
        ...(address.host.startsWith("127.") && client?.startsWith("127.") ? { localAddress: client } : {}),
        method: asked.method,
        path: asked.path,
        headers: { ...headers, ...(asked.body.length > 0 ? { "content-length": asked.body.length } : {}) },
      },
      (response) => {
        bytesOf(response).then(
          (body) => resolve({ kind: "answer", status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(asked.body);
  });
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Answers with JSON, for holes that stand in for a vulnerable system. */
export function twinJson(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): TwinAnswer {
  return {
    kind: "answer",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** The hole that sets headers on every answer; a function sees the request. */
export function withHeaders(set: (request: TwinRequest, answer: TwinAnswer) => OutgoingHttpHeaders): TwinHole {
  return { answer: (answer, request) => ({ ...answer, headers: { ...answer.headers, ...set(request, answer) } }) };
}
