// What is known of a connection beyond its requests: with which answer it is occupied, so that nothing is written into the
// middle of it, and how many requests it has carried.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { PresentedToken } from "./token-verifier.ts";

/** How many requests one connection may carry. Node's own limit answers further ones with a bare 503; we just close. */
export const REQUESTS_PER_CONNECTION_MAX = 10_000;

export interface Connection {
  /** The newest answer. */
  response: ServerResponse;
  requests: number;
  /** The answer that has begun is the last. */
  isClosing: boolean;
  /** The token that was presented last, so that the same one need not be hashed again. */
  readonly token: PresentedToken;
}

const connections = new WeakMap<Socket, Connection>();

/** Remembers the newest answer of a connection and counts its requests. */
export function occupy(socket: Socket, response: ServerResponse): Connection {
  const known = connections.get(socket);
  if (known !== undefined) {
    known.response = response;
    known.requests += 1;
    return known;
  }
  const connection = { response, requests: 1, isClosing: false, token: { text: "", digest: "" } };
  connections.set(socket, connection);
  return connection;
}

/** Whether the answer that has begun, or ended, is the connection's last. */
export const hasGivenLastAnswer = (socket: Socket): boolean => connections.get(socket)?.isClosing ?? false;

/** Whether the connection is in the middle of an answer, or has given its last. */
export function hasBegunAnswer(socket: Socket): boolean {
  const known = connections.get(socket);
  if (known === undefined || !known.response.headersSent) return false;
  return known.isClosing || !known.response.writableFinished;
}
