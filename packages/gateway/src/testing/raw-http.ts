// Bytes over TLS as an attacker writes them, and what came back.
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Every field in order, for repeated ones. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly text: string;
}

const WAIT_MS_MAX = 10_000;
/** How long `isEnded` waits for an answer before it tells the server that nothing more will come. */
const PATIENCE_MS = 40;

/** Sends the bytes on a new connection and reads until the other side closes or the first answer is complete. */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  options: {
    readonly tls?: boolean;
    readonly isReadToEnd?: boolean;
    readonly isEnded?: boolean;
    readonly patienceMs?: number;
  } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const isTls = options.tls ?? true;
    const socket = isTls
      ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
      : connectTcp(port, "127.0.0.1");
    const isHead = bytes.toString().startsWith("HEAD ");
    let received = "";
    const done = (): void => {
      socket.destroy();
      resolve(parseAnswer(received));
    };
    socket.setTimeout(WAIT_MS_MAX, () => socket.destroy(new Error(`No complete answer: ${JSON.stringify(received)}`)));
    const end = (): void => void socket.end();
    socket.once(isTls ? "secureConnect" : "connect", () => {
      socket.write(bytes);
      if (options.isEnded === true) setTimeout(end, options.patienceMs ?? PATIENCE_MS).unref();
    });
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      received += chunk;
      if (!isComplete(received, isHead)) return;
      if (options.isReadToEnd !== true) done();
      else if (options.isEnded === true) end();
    });
    socket.once("end", done);
    socket.once("error", (error) => (received === "" ? reject(error) : done()));
  });
}

function isComplete(text: string, isHead: boolean): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  if (isHead) return true;
  const length = /^content-length: (\d+)$/im.exec(text.slice(0, end))?.[1];
  if (length !== undefined) return text.length >= end + 4 + Number(length);
  if (/^transfer-encoding: chunked$/im.test(text.slice(0, end))) return text.endsWith("0\r\n\r\n");
  return /^HTTP\/1\.1 (?:204|304|303)/.test(text);
}

export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end === -1 ? text.length : end).split("\r\n");
  const fields = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const headers = Object.fromEntries(fields);
  const raw = end === -1 ? "" : text.slice(end + 4);
  const body = headers["transfer-encoding"] === "chunked" ? unchunk(raw) : raw;
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, fields, body, text };
}

function unchunk(raw: string): string {
  let body = "";
  let rest = raw;
  for (;;) {
    const line = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, line), 16);
    if (line === -1 || !(size > 0)) return body;
    body += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 2 + size + 2);
  }
}
