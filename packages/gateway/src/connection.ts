// What is known of a connection beyond its requests: with which answer it is occupied, so that nothing is written into the
// middle of it, and how many requests it has carried.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How many requests one connection may carry. Node's own limit answers further ones with a bare 503; we just close. */
export const REQUESTS_PER_CONNECTION_MAX = 10_000;

interface Connection {
  response: ServerResponse;
  requests: number;
  isClosing: boolean;
}

const connections = new WeakMap<Socket, Connection>();

/** Remembers the newest answer of a connection. */
export function occupy(socket: Socket, response: ServerResponse): void {
  const known = connections.get(socket);
  if (known === undefined) {
    connections.set(socket, { response, requests: 1, isClosing: false });
    return;
  }
  known.response = response;
  known.requests += 1;
}

/** Whether the connection has carried as many requests as it may. */
export function isSpent(socket: Socket, requestsMax: number): boolean {
  return (connections.get(socket)?.requests ?? 0) >= requestsMax;
}

/** Marks the answer that has begun as the connection's last. */
export function closeAfterAnswer(socket: Socket): void {
  const known = connections.get(socket);
  if (known !== undefined) known.isClosing = true;
}

/** Whether the connection is in the middle of an answer, or has given its last. */
export function hasBegunAnswer(socket: Socket): boolean {
  const known = connections.get(socket);
  if (known === undefined || !known.response.headersSent) return false;
  return known.isClosing || !known.response.writableFinished;
}
