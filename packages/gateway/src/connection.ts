// Which answer a connection is occupied with, so that nothing is written into the middle of it.
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

const answers = new WeakMap<Socket, ServerResponse>();

/** Remembers the newest answer of a connection. */
export function occupy(socket: Socket, response: ServerResponse): void {
  answers.set(socket, response);
}

/** Whether the connection is in the middle of an answer, or has given its last. */
export function hasBegunAnswer(socket: Socket): boolean {
  const response = answers.get(socket);
  if (response === undefined || !response.headersSent) return false;
  return !response.writableFinished || !response.shouldKeepAlive;
}
