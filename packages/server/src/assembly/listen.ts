// Listening, with errors a person can act on.
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { ServerError } from "../error.ts";

/** Starts to listen; returns the port. @throws ServerError `server/port-busy`, `server/listen-failed` */
export async function listenOn(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    await app.close();
    if (code === "EADDRINUSE") {
      const message = `Port ${port} on ${host} is taken by another program.`;
      throw new ServerError(
        "server/port-busy",
        message,
        "Stop that program, or choose another port with --port.",
        cause,
      );
    }
    const message = `Expected to listen on ${host} port ${port}; found ${code ?? "a failure"}.`;
    const hint =
      code === "EACCES" ? "Ports below 1024 need more rights: choose another with --port." : "Check the address.";
    throw new ServerError("server/listen-failed", message, hint, cause);
  }
  return (app.server.address() as AddressInfo).port;
}

/** Where services listen: only this machine can reach them, and of it only whoever holds a caller's certificate. */
export const LOOPBACK = "127.0.0.1";

/** Listens on a free port of the loopback interface; returns the address for the gateway. */
export async function listenPrivately(app: FastifyInstance): Promise<string> {
  return `https://${LOOPBACK}:${await listenOn(app, LOOPBACK, 0)}`;
}
