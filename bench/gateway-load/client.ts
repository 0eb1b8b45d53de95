// The load, in a process of its own: keep-alive connections, each with one request at a time, until a number is reached.
import { connect } from "node:net";

export interface Load {
  readonly port: number;
  readonly request: string;
  readonly requests: number;
  readonly connections: number;
  /** The status that every answer must have. */
  readonly status: number;
}

const HEAD_END = "\r\n\r\n";
const LENGTH = /content-length: (\d+)/i;

function drive(load: Load): Promise<number> {
  const bytes = Buffer.from(load.request);
  let started = 0;
  let failed = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(load.port, "127.0.0.1");
      socket.setNoDelay(true);
      let received = "";
      const next = (): void => {
        if (started >= load.requests) {
          socket.destroy();
          resolve();
          return;
        }
        started += 1;
        socket.write(bytes);
      };
      socket.setEncoding("latin1");
      socket.on("data", (chunk: string) => {
        received += chunk;
        const head = received.indexOf(HEAD_END);
        if (head === -1) return;
        const length = Number(LENGTH.exec(received)?.[1] ?? 0);
        if (received.length < head + HEAD_END.length + length) return;
        if (!received.startsWith(`HTTP/1.1 ${load.status}`)) failed += 1;
        received = "";
        next();
      });
      socket.once("error", reject);
      socket.once("connect", next);
    });
  return Promise.all(Array.from({ length: load.connections }, one)).then(() => failed);
}

process.on("message", (load: Load) => {
  drive(load).then(
    (failed) => process.send?.({ failed }),
    (error: unknown) => process.send?.({ failed: -1, error: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));
