// Somewhere inside, where nothing of a deployment may connect to: it answers nothing and counts who comes.
import { type AddressInfo, createServer } from "node:net";

export interface Tripwire {
  readonly url: string;
  /** How often somebody has connected so far. */
  touches(): number;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
/** This host on this network (RFC 6890): no loopback address by name, and yet it leads to this machine. */
const THIS_HOST = "0.0.0.0";

export async function startTripwire(): Promise<Tripwire> {
  let touches = 0;
  const server = createServer((socket) => {
    touches += 1;
    socket.on("error", () => {});
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    url: `https://${THIS_HOST}:${(server.address() as AddressInfo).port}/keys`,
    touches: () => touches,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
