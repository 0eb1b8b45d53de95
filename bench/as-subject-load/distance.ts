// Distance to the database: a socket that answers later, so that round trips cost what they cost between machines.
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Distance {
  readonly folder: string;
  close(): Promise<void>;
}

/** A socket that passes everything on to another one, each way after a delay and in order. */
export async function openDistance(target: string, delayMs: number): Promise<Distance> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-distance-"));
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    const [there, back] = [delayed(far, delayMs), delayed(near, delayMs)];
    near.on("data", there);
    far.on("data", back);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    for (const socket of [near, far]) sockets.add(socket.on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, ".s.PGSQL.5432"), resolve));
  return {
    folder,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Writes what it is given, each chunk when its time has come. One queue for all of them: with a timer for each, two chunks
 * of the same moment could overtake each other, and both ends would then wait for ever.
 */
function delayed(socket: Socket, delayMs: number): (bytes: Uint8Array) => void {
  const queue: { readonly due: number; readonly bytes: Uint8Array }[] = [];
  const look = (): void => {
    for (let next = queue[0]; next !== undefined && performance.now() >= next.due; next = queue[0]) {
      queue.shift();
      if (socket.writable) socket.write(next.bytes);
    }
    const [next] = queue;
    if (next === undefined || socket.destroyed) return;
    // Timers count whole milliseconds; the rest is waited for turn by turn.
    const leftMs = Math.floor(next.due - performance.now()) - 1;
    if (leftMs > 0) setTimeout(look, leftMs);
    else setImmediate(look);
  };
  return (bytes) => {
    queue.push({ due: performance.now() + delayMs, bytes });
    if (queue.length === 1) look();
  };
}
