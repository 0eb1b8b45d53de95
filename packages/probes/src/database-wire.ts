// PostgreSQL's protocol in raw bytes (PostgreSQL, §54.7): what a stranger says to the server, and what a stranger says who plays one.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer } from "node:tls";
import type { ForgedCertificate } from "./forged-certificate.ts";
import type { Address } from "./target.ts";

const ANSWER_TIMEOUT_MS = 5_000;
const SSL_REQUEST_CODE = 80_877_103;
const PROTOCOL_3 = 196_608;
const WORD_BYTES = 4;
/** What the number in an Authentication message asks for. */
const asks: Readonly<Record<number, string>> = { 0: "nothing", 3: "the password itself", 5: "an MD5", 10: "SASL" };
const SASL = 10;

const LOOPBACK = "127.0.0.1";

/** How the server met somebody who wants to come in as this user. */
export interface Welcome {
  /** An Authentication request came: the server began to talk. */
  readonly isHeard: boolean;
  /** For people: "asks for SASL: SCRAM-SHA-256", "SQLSTATE 28000", "ERR_SSL_…". */
  readonly got: string;
  /** Mechanisms that were offered. */
  readonly mechanisms: readonly string[];
  /** The TLS version that was spoken. */
  readonly protocol: string | null;
}

/** Says who wants to come in, in the clear or over TLS with these options, and hears the first answer. Judges nothing. */
export function knock(address: Address, user: string, tls?: ConnectionOptions): Promise<Welcome> {
  return new Promise((resolve) => {
    const plain = connect(address.port, address.host);
    let protocol: string | null = null;
    const timer = setTimeout(() => finish(unheard("no answer")), ANSWER_TIMEOUT_MS);
    const finish = (welcome: Omit<Welcome, "protocol">): void => {
      clearTimeout(timer);
      plain.destroy();
      resolve({ ...welcome, protocol });
    };
    const listen = (socket: Socket): void => {
      socket.once("data", (data: Buffer) => finish(readWelcome(data)));
      socket.once("close", () => finish(unheard("closed")));
      socket.write(startUpMessage(user));
    };
    plain.on("error", (error: NodeJS.ErrnoException) => finish(unheard(error.code ?? error.message)));
    plain.once("connect", () => {
      if (tls === undefined) return listen(plain);
      plain.write(Buffer.concat([word(WORD_BYTES * 2), word(SSL_REQUEST_CODE)]));
      plain.once("data", (data: Buffer) => {
        if (data.toString("latin1") !== "S") return finish(unheard("no TLS here"));
        const secure = connectTls({ ...tls, socket: plain, rejectUnauthorized: false }, () => {
          protocol = secure.getProtocol();
          listen(secure);
        });
        secure.on("error", (error: NodeJS.ErrnoException) => finish(unheard(error.code ?? error.message)));
      });
    });
  });
}

const unheard = (got: string): Omit<Welcome, "protocol"> => ({ isHeard: false, got, mechanisms: [] });

function readWelcome(data: Buffer): Omit<Welcome, "protocol"> {
  const kind = data.toString("latin1", 0, 1);
  if (kind === "E") return unheard(`SQLSTATE ${/\0C([0-9A-Z]{5})\0/u.exec(data.toString("latin1"))?.[1] ?? "unknown"}`);
  if (kind !== "R") return unheard("bytes that are no answer");
  const code = data.readUInt32BE(1 + WORD_BYTES);
  const mechanisms =
    code === SASL
      ? data
          .toString("latin1", 1 + 2 * WORD_BYTES)
          .split("\0")
          .filter((name) => name.startsWith("SCRAM"))
      : [];
  return { isHeard: true, got: `asks for ${asks[code] ?? code}: ${mechanisms.join(", ")}`, mechanisms };
}

function startUpMessage(user: string): Buffer {
  const parts = Buffer.from(`user\0${user}\0database\0postgres\0\0`, "utf8");
  return Buffer.concat([word(parts.length + 2 * WORD_BYTES), word(PROTOCOL_3), parts]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An Authentication request of this kind, as a server sends it. */
export const authenticationRequest = (code: 0 | 3 | 5 | 10, rest = ""): Buffer => {
  const body = Buffer.concat([word(code), Buffer.from(rest, "latin1")]);
  // "You are in" is followed by "ready for the first statement".
  const ready = code === 0 ? Buffer.from("5a0000000549", "hex") : Buffer.alloc(0);
  return Buffer.concat([Buffer.from("R"), word(body.length + WORD_BYTES), body, ready]);
};

export interface Impostor {
  readonly address: Address;
  /** Everything that was said to it after its request. */
  heard(): string;
  close(): Promise<void>;
}

/** A server that answers every start-up with these bytes; over TLS when it has a certificate to show. */
export async function startImpostor(answer: Buffer, certificate?: ForgedCertificate): Promise<Impostor> {
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const play = (socket: Socket): void => {
    socket.on("error", () => {}); // The client hangs up on an impostor: that is what it should do.
    socket.once("data", () => {
      socket.write(answer);
      socket.on("data", (data: Buffer) => heard.push(data));
    });
  };
  const secure =
    certificate && createTlsServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem }, play);
  secure?.on("tlsClientError", () => {}); // It did not believe the certificate.
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // As above.
    if (secure === undefined) return play(socket);
    socket.once("data", () => {
      socket.write("S");
      secure.emit("connection", socket);
    });
  });
  return { ...(await listening(server, sockets)), heard: () => Buffer.concat(heard).toString("latin1") };
}

/**
 * A door beside the guarded one: whoever asks for TLS comes to the server's own port, everybody else to its unix socket, which
 * asks for none.
 */
export async function startDoor(guarded: Address, open: { readonly path: string }): Promise<Omit<Impostor, "heard">> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    sockets.add(incoming);
    incoming.on("error", () => {}); // It hung up; `close` follows.
    incoming.once("data", (first: Buffer) => {
      const wantsTls = first.length >= 2 * WORD_BYTES && first.readUInt32BE(WORD_BYTES) === SSL_REQUEST_CODE;
      const outgoing = wantsTls ? connect(guarded.port, guarded.host) : connect(open.path);
      sockets.add(outgoing);
      outgoing.on("error", () => {}); // The server hung up; `close` follows.
      outgoing.write(first);
      incoming.pipe(outgoing).pipe(incoming);
      outgoing.once("close", () => incoming.destroy());
      incoming.once("close", () => outgoing.destroy());
    });
  });
  return listening(server, sockets);
}

async function listening(server: Server, sockets: ReadonlySet<Socket>): Promise<Omit<Impostor, "heard">> {
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    address: { host: LOOPBACK, port: (server.address() as AddressInfo).port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
