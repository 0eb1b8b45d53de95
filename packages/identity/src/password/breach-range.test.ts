import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBreachRange } from "./breach-range.ts";

const digestOf = (password: string) => createHash("sha1").update(password).digest("hex").toUpperCase();
const leaked = "gravel-otter-lantern-47";
const padding = Array.from({ length: 800 }, (_, index) => `${digestOf(`padding ${index}`).slice(5)}:0`);

/** A range service, and ways in which one can fail. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
const lines = (request: IncomingMessage): readonly string[] => {
  const prefix = request.url?.slice("/range/".length) ?? "";
  const found = digestOf(leaked).startsWith(prefix) ? [`${digestOf(leaked).slice(5)}:12`] : [];
  return [...padding.slice(0, 400), ...found, ...padding.slice(400)];
};
const sound: Behaviour = (request, response) => void response.end(lines(request).join("\r\n"));
let behave: Behaviour = sound;
const requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  behave(request, response);
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const asking = (behaviour: Behaviour, password = leaked) => {
  behave = behaviour;
  return createBreachRange(url).timesSeen(password);
};

test("a leaked password is known by its first five characters of SHA-1, and another one is not", async () => {
  requests.length = 0;
  expect(await asking(sound)).toBe(12);
  expect(await asking(sound, "tram silver monday cactus")).toBe(0);
  expect(requests.map(({ url: path }) => path)).toEqual([
    `/range/${digestOf(leaked).slice(0, 5)}`,
    `/range/${digestOf("tram silver monday cactus").slice(0, 5)}`,
  ]);
  for (const request of requests) {
    expect(request.headers["add-padding"]).toBe("true");
    expect(JSON.stringify([request.url, request.rawHeaders])).not.toContain(digestOf(leaked).slice(5));
  }
});

test("a line of padding, which was seen 0 times, is no leak", async () => {
  const padded: Behaviour = (_request, response) => void response.end(`${digestOf(leaked).slice(5)}:0`);
  expect(await asking(padded)).toBe(0);
});

test("what is no full and well-formed answer is none", async () => {
  const rest = digestOf("something else").slice(5);
  const failures: Record<string, Behaviour> = {
    "a failure of the service": (_request, response) => void response.writeHead(503).end("busy"),
    "too many requests": (_request, response) => void response.writeHead(429).end(),
    "an empty answer": (_request, response) => void response.end(""),
    "a page": (_request, response) => void response.end("<!doctype html><p>Sign in to the network"),
    "lower case": (_request, response) => void response.end(`${rest.toLowerCase()}:1`),
    "one line too short": (_request, response) => void response.end(`${rest}:1\r\n${rest.slice(1)}:1`),
    "a redirect": (_request, response) => void response.writeHead(302, { location: "/elsewhere" }).end(),
    "too much": (_request, response) => void response.end(`${rest}:1\r\n`.repeat(20_000)),
    "an answer that breaks off": (_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write(`${rest}:1\r\n`, () => response.destroy());
    },
  };
  for (const [what, behaviour] of Object.entries(failures)) expect(await asking(behaviour), what).toBe("unavailable");
});

test("an answer that takes longer than three seconds is none, and neither is a service that nobody reaches", async () => {
  const started = performance.now();
  expect(await asking(() => undefined)).toBe("unavailable");
  expect(performance.now() - started).toBeGreaterThan(2_500);
  expect(await createBreachRange("http://127.0.0.1:9/range").timesSeen(leaked)).toBe("unavailable");
}, 20_000);

test("more than 32 questions at once are not asked", async () => {
  requests.length = 0;
  const waiting: ServerResponse[] = [];
  behave = (request, response) => {
    waiting.push(response);
    if (waiting.length === 32) for (const held of waiting) held.end(lines(request).join("\r\n"));
  };
  const range = createBreachRange(url);
  const answers = await Promise.all(Array.from({ length: 40 }, () => range.timesSeen(leaked)));
  expect(answers.filter((answer) => answer === "unavailable")).toHaveLength(8);
  expect(requests).toHaveLength(32);
});
