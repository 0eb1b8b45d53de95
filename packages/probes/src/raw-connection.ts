// Bytes on a TLS connection, for what no HTTP client would send: ambiguous framing, two Host headers, bare line feeds.
import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import type { EventTrace } from "./event-watch.ts";
import { edgeAddress, type Target } from "./target.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 256 * 1024;

export interface RawAnswer {
  /** Everything that came back until the peer closed or the time was over. */
  readonly text: string;
  /** Status codes of the responses found in it, in order. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
  /** Where the attempt is found in the event log. */
  readonly trace: EventTrace;
}

/**
 * Sends bytes to the edge and collects what comes back until the peer closes, `until` holds or `timeoutMs` is over.
 * Never rejects because of what the peer does: a reset is an answer.
 */
export function sendRaw(
  target: Target,
  bytes: string | Buffer,
  options: { timeoutMs: number; until?: (text: string) => boolean },
): Promise<RawAnswer> {
  const address = edgeAddress(target);
  const name = new URL(target.origin).hostname;
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: address.host, port: address.port, ca: target.authorityPem, ...serverName(name) });
    // Asked for as soon as it is known: a closed socket has forgotten it.
    let from = { address: "", port: 0 };
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, statuses: statusesOf(text), closed, trace: traceOf(text, from) });
    };
    const timer = setTimeout(() => finish(false), options.timeoutMs);
    socket.once("connect", () => {
      from = sourceOf(socket);
    });
    socket.once("secureConnect", () => socket.write(bytes));
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
      if (text.length > ANSWER_BYTES_MAX || options.until?.(text)) finish(false);
    });
    socket.once("close", () => finish(true));
    // A reset or an alert closes the socket; `close` follows and resolves.
    socket.on("error", () => {});
  });
}

/** By the id of the first answer; without one, by where we spoke from. */
function traceOf(text: string, from: { address: string; port: number }): EventTrace {
  const requestId = /^x-request-id: ([\w-]+)\r$/imu.exec(text)?.[1];
  return requestId === undefined ? from : { requestId };
}

function sourceOf(socket: Socket): { address: string; port: number } {
  return { address: (socket.localAddress ?? "").replace(/^::ffff:/u, ""), port: socket.localPort ?? 0 };
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3})/gu)].map((match) => Number(match[1]));
}

function serverName(name: string): { servername?: string } {
  return isIP(name) ? {} : { servername: name };
}

export interface Handshake {
  /** The connection was established and stayed open for a moment after the handshake. */
  readonly accepted: boolean;
  readonly protocol: string | null;
  readonly cipher: string | null;
  /** The peer's certificate chains to the given authority and names the host. */
  readonly authorized: boolean;
  readonly subjectNames: string;
  readonly validTo: number | null;
  /** The error's code when the handshake failed. */
  readonly failure: string | null;
  /** Where the attempt is found in the event log. */
  readonly trace: EventTrace;
}

/** Performs one TLS handshake with these options and reports how it ended. Verification failures are reported, not thrown. */
export function shakeHands(options: ConnectionOptions, request?: string): Promise<Handshake> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, rejectUnauthorized: false });
    let handshake: Handshake = closedHandshake("timeout");
    socket.once("connect", () => {
      handshake = { ...handshake, trace: sourceOf(socket) };
    });
    const timer = setTimeout(() => socket.destroy(), CONNECT_TIMEOUT_MS);
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerCertificate();
      handshake = {
        ...handshake,
        accepted: true,
        protocol: socket.getProtocol(),
        cipher: socket.getCipher()?.name ?? null,
        authorized: socket.authorized,
        subjectNames: certificate.subjectaltname ?? "",
        validTo: certificate.valid_to ? Date.parse(certificate.valid_to) : null,
        failure: null,
      };
      // TLS 1.3 reports a refused client certificate only after the handshake: write, and see whether an answer comes.
      socket.write(request ?? "GET / HTTP/1.1\r\nHost: probe.invalid\r\nConnection: close\r\n\r\n");
    });
    let answered = false;
    socket.once("data", () => {
      answered = true;
      socket.end();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (!answered) handshake = { ...handshake, accepted: false, failure: error.code ?? error.message };
    });
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(
        answered || !handshake.accepted
          ? handshake
          : { ...handshake, accepted: false, failure: "closed without an answer" },
      );
    });
  });
}

function closedHandshake(failure: string): Handshake {
  const nothing = { protocol: null, cipher: null, authorized: false, subjectNames: "", validTo: null };
  return { ...nothing, accepted: false, failure, trace: { address: "", port: 0 } };
}
