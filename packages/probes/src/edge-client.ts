// The way in from outside: HTTPS to the edge, trusting one authority only, following no redirect, marked as a probe.

import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { buildConnector, Pool } from "undici";
import { ProbeError } from "./probe-error.ts";
import { sourceAddress } from "./source-address.ts";
import { assertAllowedTarget, edgeAddress, type Target } from "./target.ts";

export const PROBE_AGENT = "holdfast-probe";
const CONNECTIONS_MAX = 8;
const REQUEST_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** An answer longer than this is cut: no check needs more. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

export interface Asked {
  readonly method: string;
  /** Path with query, sent byte for byte. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or bytes are sent as they are; anything else as JSON. */
  readonly body?: unknown;
  /** The value of the `Authorization` header after `Bearer `. */
  readonly bearer?: string;
  /** Connect from an address of its own, where the machine has more than one to give (see `source-address.ts`). */
  readonly fromElsewhere?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body, or undefined when it is not JSON. */
  readonly json: unknown;
  /** What was sent as `x-correlation-id`. */
  readonly correlation: string;
  readonly receivedAt: number;
}

export interface EdgeClient {
  ask(asked: Asked): Promise<Answer>;
  /**
   * Asks from an address of its own, where the machine has one to give, over a connection that stays for the next request: whoever
   * measures an answer does not measure a handshake.
   */
  elsewhere(): Promise<(asked: Asked) => Promise<Answer>>;
  /** Whether requests come from an address that only this client uses. */
  hasOwnAddress(): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws ProbeError when the target is not allowed; `probes/target-unreachable` when it does not answer. */
export function openEdgeClient(target: Target): EdgeClient {
  assertAllowedTarget(target);
  const { host } = edgeAddress(target);
  const pools: Pool[] = [];
  const poolFrom = async (source: Promise<string | undefined>): Promise<Pool> => {
    const pool = openPool(target, await source);
    pools.push(pool);
    return pool;
  };
  const ownAddress = sourceAddress(host);
  const own = poolFrom(ownAddress);
  return {
    async ask(asked) {
      return await send(await (asked.fromElsewhere ? poolFrom(sourceAddress(host)) : own), asked);
    },
    async elsewhere() {
      const pool = await poolFrom(sourceAddress(host));
      return (asked) => send(pool, asked);
    },
    hasOwnAddress: async () => (await ownAddress) !== undefined,
    async close() {
      await own;
      // Not close(): an answer that never ends must not keep the run from ending.
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function openPool(target: Target, source: string | undefined): Pool {
  const address = edgeAddress(target);
  const name = new URL(target.origin).hostname;
  const connect = buildConnector({ ca: target.authorityPem, timeout: CONNECT_TIMEOUT_MS, allowH2: false });
  return new Pool(target.origin, {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS,
    // The name is the origin's whatever the address: that is what the certificate must be for.
    connect: (options, callback) =>
      connect(
        {
          ...options,
          hostname: address.host,
          host: address.host,
          port: String(address.port),
          servername: name,
          localAddress: source ?? null,
        },
        callback,
      ),
  });
}

async function send(pool: Pool, asked: Asked): Promise<Answer> {
  const correlation = asked.headers?.["x-correlation-id"] ?? `probe-${randomUUID()}`;
  const { payload, contentType } = encodeBody(asked.body);
  const headers: Record<string, string> = { "user-agent": PROBE_AGENT, "x-correlation-id": correlation };
  if (contentType) headers["content-type"] = contentType;
  if (asked.bearer !== undefined) headers["authorization"] = `Bearer ${asked.bearer}`;
  Object.assign(headers, asked.headers);
  try {
    const response = await pool.request({
      method: asked.method as "GET",
      path: asked.path,
      headers,
      body: payload ?? null,
    });
    const text = isEndless(response.headers) ? cut(response.body) : await readText(response.body);
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      json: parseJson(text),
      correlation,
      receivedAt: Date.now(),
    };
  } catch (cause) {
    // Whatever the reason (refused connection, foreign certificate, time-out), no answer means nothing was learnt.
    throw new ProbeError(
      "probes/target-unreachable",
      `Expected an answer to ${asked.method} ${asked.path.slice(0, 80)}, got none: ${(cause as Error).message}`,
      "Is the deployment running, and is the authority the one that signed its certificate?",
      cause,
    );
  }
}

function encodeBody(body: unknown): { payload?: string | Buffer; contentType?: string } {
  if (body === undefined) return {};
  if (typeof body === "string" || Buffer.isBuffer(body)) return { payload: body };
  return { payload: JSON.stringify(body), contentType: "application/json" };
}

/** Server-sent events never end by themselves. */
function isEndless(headers: IncomingHttpHeaders): boolean {
  return String(headers["content-type"] ?? "").startsWith("text/event-stream");
}

function cut(body: { destroy(): unknown; on(event: "error", listener: () => void): unknown }): string {
  // Destroying an unread body reports an abort that is of no interest.
  body.on("error", () => {});
  body.destroy();
  return "";
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The parsed text, or undefined when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    // HTML and empty answers are ordinary here.
    return undefined;
  }
}
