// On a busy machine a new connection may be open only after the time that anybody waits for one.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject } from "../as-subject.ts";
import { testDatabase } from "../testing/injected-cluster.ts";
import type { TestDatabase } from "../testing/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** Asks through a proxy that leaves the first connections without an answer. */
async function askThrough(silent: number, queueTimeoutMs: number): Promise<string> {
  const { host = "", port = 0, ...settings } = database.settings("holdfast_api");
  const sockets: Socket[] = [];
  const proxy = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    if (sockets.length <= silent) return;
    const server = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    server.on("error", () => {});
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = { host: "127.0.0.1", port: (proxy.address() as AddressInfo).port };
  const pool = database.poolAt({ ...settings, ...address }, { connectionsMax: 2, queueTimeoutMs });
  try {
    return await asSubject(pool, null, { text: "select 1" }).then(
      () => "served",
      ({ code }: { code: string }) => code,
    );
  } finally {
    await pool.end();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  }
}

test("a request whose connection is not open in time is served over another", async () => {
  expect(await askThrough(1, 2_000)).toBe("served");
});

test("a server that opens none is unavailable", async () => {
  expect(await askThrough(Number.POSITIVE_INFINITY, 100)).toBe("database/unavailable");
});
