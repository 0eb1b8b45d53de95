// A client that asks and does not read (a slow read attack): the service's connections are few, and one such client must not
// hold them all.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { HOST } from "../testing/example-policy.ts";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.ts";
import type { StubAnswer } from "../testing/stub-service.ts";

const CHUNK = Buffer.alloc(64 * 1024, "x");
const CHUNKS = 256;
/** As many as the gateway has connections to one service. */
const SILENT_CLIENTS = 64;
const PATIENCE_MS = 1_500;
/** Twenty of these are far more than a silent client is given below. */
const READING_PAUSE_MS = 40;

const open: (GatewayFixture | Socket)[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await ("destroy" in one ? one.destroy() : one.close());
});

/** More than the kernel keeps for a client that does not read. */
const long: StubAnswer = ({ url }, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  if (url !== "/api/open?long") return void response.end("{}");
  let left = CHUNKS;
  const write = (): void => {
    while (left > 0 && response.writable) {
      left -= 1;
      if (!response.write(CHUNK)) return void response.once("drain", write);
    }
    response.end();
  };
  write();
};

async function start(unreadMs: number): Promise<GatewayFixture> {
  const gateway = await startGateway({ answer: long, isPlain: true, options: { limits: { unreadMs } } });
  open.push(gateway);
  return gateway;
}

/** Asks for the long answer and reads nothing. */
async function askAndBeSilent({ port }: GatewayFixture): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").pause();
  open.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`GET /api/open?long HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  return socket;
}

/** The status that somebody else gets while the silent ones hold what they have; undefined without an answer. */
async function statusBeside(gateway: GatewayFixture): Promise<number | undefined> {
  await Promise.all(Array.from({ length: SILENT_CLIENTS }, () => askAndBeSilent(gateway)));
  while (gateway.api.received.length < SILENT_CLIENTS) await wait(READING_PAUSE_MS);
  const answer = gateway.send({ path: "/api/open" }).then(
    ({ status }) => status,
    () => undefined,
  );
  return Promise.race([answer, wait(PATIENCE_MS, undefined)]);
}

test("clients that read nothing are cut off, and everybody else is answered", async () => {
  const gateway = await start(200);
  expect(await statusBeside(gateway)).toBe(200);
  expect(gateway.events).toContainEqual(
    expect.objectContaining({ name: "edge.malformed-refused", reason: "unread", route: "GET /api/open" }),
  );
});

test("with all the time in the world they would keep the service from everybody", async () => {
  expect(await statusBeside(await start(600_000))).toBeUndefined();
});

test("a client that reads slowly gets the whole answer", async () => {
  const gateway = await start(2_000);
  const socket = await askAndBeSilent(gateway);
  let received = 0;
  let last = "";
  let pauses = 0;
  socket.on("data", (bytes: Buffer) => {
    received += bytes.length;
    last = bytes.subarray(-5).toString("latin1");
    if (pauses < 20) {
      pauses += 1;
      socket.pause();
      setTimeout(() => socket.resume(), READING_PAUSE_MS).unref();
    }
  });
  socket.resume();
  while (last !== "0\r\n\r\n") await once(socket, "data");
  expect(received).toBeGreaterThan(CHUNKS * CHUNK.length);
  expect(pauses).toBe(20);
});
