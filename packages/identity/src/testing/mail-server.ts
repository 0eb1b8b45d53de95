// A mail server that keeps what it is given: as much of RFC 5321 as a client needs, without TLS.

import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

export async function startMailServer() {
  const mails: Mail[] = [];
  const server = createServer((socket) => receive(socket, mails));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    mails: mails as readonly Mail[],
    port: (server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function receive(socket: Socket, mails: Mail[]): void {
  let envelope = { from: "", to: [] as string[] };
  let buffer = "";
  let isData = false;
  const say = (text: string) => socket.write(`${text}\r\n`);
  const addressIn = (line: string) => /<([^>]*)>/.exec(line)?.[1] ?? "";

  function command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "MAIL") envelope = { from: addressIn(line), to: [] };
    if (verb === "RCPT") envelope.to.push(addressIn(line));
    if (verb === "DATA") {
      isData = true;
      say("354 go on");
    } else if (verb === "QUIT") socket.end("221 bye\r\n");
    else if (verb === "STAR") say("502 no TLS here");
    else say("250 ok");
  }

  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    buffer += chunk.toString("utf8");
    for (;;) {
      const end = buffer.indexOf(isData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const part = buffer.slice(0, end);
      buffer = buffer.slice(end + (isData ? 5 : 2));
      if (isData) {
        isData = false;
        mails.push({ ...envelope, data: `${part}\r\n` });
        say("250 kept");
      } else command(part);
    }
  });
  say("220 test");
}
