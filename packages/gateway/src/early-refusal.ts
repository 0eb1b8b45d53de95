// Refusals before there is a request: what Node's parser, or its own limits, turn away. Written to the socket by hand, with
// the same problem and the same header fields as every other refusal.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { EmitEvent } from "@holdfast/policy";
import { clientAddress } from "./client-address.ts";
import { hasBegunAnswer, hasGivenLastAnswer } from "./connection.ts";
import type { ProblemCode, Refusal } from "./problem.ts";
import { problemBody, problems, reasonPhrase } from "./problem.ts";
import type { ResponseHeaders } from "./response-headers.ts";

export interface EarlyRefusalOptions {
  readonly headers: ResponseHeaders | null;
  readonly now: () => number;
  readonly emit: EmitEvent;
}

const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

/** An alert is what the client sent: it does not trust our certificate, for example. That refuses us, not them. */
const ALERT = /_ALERT_/;

const isHandshakeError = ({ code }: NodeJS.ErrnoException): boolean => code?.startsWith("ERR_SSL_") === true;

/** Which problem an error of the parser or of the TLS handshake is; null where the client went away, or refused us. */
export function refusalOfConnectionError(error: NodeJS.ErrnoException): Refusal | null {
  if (isHandshakeError(error) && ALERT.test(error.code ?? "")) return null;
  switch (error.code) {
    case "ECONNRESET":
    case "EPIPE":
      return null;
    case "HPE_HEADER_OVERFLOW":
      return { code: "headers-too-large", reason: "too-large" };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { code: "request-timeout", reason: "timeout" };
    default:
      return { code: "malformed-request", reason: isHandshakeError(error) ? "tls" : "syntax" };
  }
}

/** Answers on the bare socket and closes it. */
export function refuseSocket(socket: Socket, refusal: Refusal, options: EarlyRefusalOptions): void {
  const requestId = randomUUID();
  const { status } = problems[refusal.code];
  if (refusal.reason === "tls") {
    // There is no connection on which an answer could be given.
    record(refusal, status, requestId, socket, options);
    socket.destroy();
    return;
  }
  if (socket.destroyed || !socket.writable) return;
  if (hasBegunAnswer(socket)) {
    // What follows a last answer is nobody's request. Elsewhere it was one, and is refused without a word: a second answer
    // behind the first, or in the middle of it, would be taken for something else.
    if (!hasGivenLastAnswer(socket)) record(refusal, status, requestId, socket, options);
    socket.destroySoon();
    return;
  }
  record(refusal, status, requestId, socket, options);
  const body = problemBody(refusal, requestId);
  const fields = fieldsOf(refusal, requestId, options);
  const lines = [`HTTP/1.1 ${status} ${reasonPhrase(status)}`];
  for (let at = 0; at < fields.length; at += 2) lines.push(`${fields[at]}: ${fields[at + 1]}`);
  lines.push(
    `date: ${new Date(options.now()).toUTCString()}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  );
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

/** Node answers these by itself, without our header fields, unless somebody listens. */
export function guardServer(server: Server, options: EarlyRefusalOptions): void {
  server.on("connect", (_request: IncomingMessage, socket: Socket) =>
    refuseSocket(
      socket,
      { code: "method-not-allowed", reason: "method", headers: ["allow", ALLOWED_METHODS] },
      options,
    ),
  );
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    const refusal: Refusal = { code: "expectation-failed", reason: "expectation" };
    const requestId = randomUUID();
    const { status } = problems[refusal.code];
    record(refusal, status, requestId, request.socket, options);
    const body = problemBody(refusal, requestId);
    const length = String(Buffer.byteLength(body));
    response.writeHead(status, [
      ...fieldsOf(refusal, requestId, options),
      "content-length",
      length,
      "connection",
      "close",
    ]);
    response.end(body);
  });
}

function fieldsOf(refusal: Refusal, requestId: string, options: EarlyRefusalOptions): string[] {
  const own = ["content-type", "application/problem+json", ...(refusal.headers ?? [])];
  if (options.headers === null) return own;
  return [...options.headers.of.error, ...own, "x-request-id", requestId, "cache-control", "no-store"];
}

function record(
  refusal: Refusal,
  status: number,
  requestId: string,
  socket: Socket,
  options: EarlyRefusalOptions,
): void {
  const code: ProblemCode = refusal.code;
  const { text, port } = clientAddress(socket);
  options.emit({
    name: problems[code].event,
    at: options.now(),
    requestId,
    address: text,
    reason: refusal.reason,
    detail: { code, status, port },
  });
}
