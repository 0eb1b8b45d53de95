// What the gateway's steps cost: processor time of the server per request, as a ratio to bare Fastify in the same run. Time on
// the clock would measure the machine's other work instead.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Load } from "./gateway-load/client.ts";
import type { Variant } from "./gateway-load/server.ts";

export const name = "gateway";

/** One figure of a benchmark: a ratio, and what it ought to be. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly goal: string;
  readonly met: boolean;
}

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
  readonly token: string;
}

/** GET and POST of an API route, a GET without a token, which is refused, and a page with its nonce. */
type Request = "GET" | "POST" | "refused GET" | "page";
interface Case {
  readonly variant: Variant;
  readonly request: Request;
}

const ROUNDS = 7;
const CONNECTIONS = 32;
const WARM_UP_REQUESTS = 6_000;
const ROUND_REQUESTS = 4_000;
const variants: readonly Variant[] = ["bare", "steps", "steps-observed", "plugins"];
const cases: readonly Case[] = [
  ...variants.map((variant) => ({ variant, request: "GET" as const })),
  ...variants.map((variant) => ({ variant, request: "POST" as const })),
  { variant: "steps", request: "refused GET" },
  { variant: "steps", request: "page" },
];

/** Runs all rounds; `report` gets a line per round and case. */
export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const client = start("client.ts", []);
  const servers = new Map<Variant, Server>();
  try {
    for (const variant of variants) servers.set(variant, await startServer(variant));
    const used = new Map<string, number[]>(cases.map((one) => [keyOf(one), []]));
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const one of cases) {
        const usedUs = await measure(
          client,
          servers.get(one.variant) as Server,
          one.request,
          round === 0 ? WARM_UP_REQUESTS : ROUND_REQUESTS,
        );
        if (round > 0) used.get(keyOf(one))?.push(usedUs);
      }
      report(`gateway: round ${round} of ${ROUNDS}`);
    }
    const medians = new Map([...used].map(([key, values]) => [key, median(values)]));
    for (const [key, value] of medians) report(`gateway: ${key} ${value.toFixed(1)} µs of processor time per request`);
    return figuresOf(medians);
  } finally {
    client.disconnect();
    for (const server of servers.values()) server.process.disconnect();
  }
}

const keyOf = ({ variant, request }: Case): string => `${variant} ${request}`;

function figuresOf(medians: ReadonlyMap<string, number>): readonly Figure[] {
  const ratio = (above: string, below: string): number =>
    (medians.get(above) ?? Number.NaN) / (medians.get(below) ?? Number.NaN);
  const atMost = (figure: string, value: number, goal: number): Figure => ({
    figure,
    value,
    goal: `≤ ${goal.toFixed(1)}`,
    met: value <= goal,
  });
  const atLeast = (figure: string, value: number, goal: number): Figure => ({
    figure,
    value,
    goal: `≥ ${goal.toFixed(1)}`,
    met: value >= goal,
  });
  return [
    atMost("GET with all steps ÷ bare Fastify GET", ratio("steps GET", "bare GET"), 2),
    atMost(
      "GET with all steps, a log line and metrics ÷ bare Fastify GET",
      ratio("steps-observed GET", "bare GET"),
      2.6,
    ),
    atMost("POST with all steps and schema ÷ bare Fastify POST", ratio("steps POST", "bare POST"), 2),
    atMost("GET that is refused ÷ GET with all steps", ratio("steps refused GET", "steps GET"), 1.2),
    atMost("page with a fresh nonce ÷ GET with all steps", ratio("steps page", "steps GET"), 1.5),
    atLeast("GET through helmet, rate-limit and jose ÷ GET with all steps", ratio("plugins GET", "steps GET"), 4),
    atLeast(
      "POST through helmet, rate-limit, jose and csrf-protection ÷ POST with all steps",
      ratio("plugins POST", "steps POST"),
      4,
    ),
  ];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function measure(client: ChildProcess, server: Server, asked: Request, requests: number): Promise<number> {
  const request = await requestOf(server, asked);
  const before = await usageOf(server);
  const load: Load = {
    port: server.port,
    request,
    requests,
    connections: CONNECTIONS,
    status: asked === "refused GET" ? 401 : 200,
  };
  client.send(load);
  const { failed } = await answerOf<{ readonly failed: number }>(client);
  if (failed !== 0)
    throw new Error(`${failed} of ${requests} requests (${asked}) were not answered as they ought to be.`);
  return ((await usageOf(server)) - before) / requests;
}

async function usageOf(server: Server): Promise<number> {
  server.process.send("usage");
  return (await answerOf<{ readonly usedUs: number }>(server.process)).usedUs;
}

/** What a browser of today sends with a call of our own page, token included; the same to every variant. */
async function requestOf({ port, token }: Server, asked: Request): Promise<string> {
  const lines = [
    asked === "page" ? "GET /console/sign-in HTTP/1.1" : `${asked === "POST" ? "POST" : "GET"} /api/content HTTP/1.1`,
    "Host: 127.0.0.1:8080",
    "Connection: keep-alive",
    ...(asked === "refused GET" ? [] : [`Authorization: Bearer ${token}`]),
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "Accept: application/json",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Accept-Encoding: gzip, deflate, br",
    "Accept-Language: en-GB,en;q=0.9",
  ];
  if (asked !== "POST") return `${lines.join("\r\n")}\r\n\r\n`;
  const body = JSON.stringify({
    title: "A title of some length",
    body: "A body of some length as well.",
    status: "draft",
  });
  lines.push("Origin: http://127.0.0.1:8080", "Content-Type: application/json", `Content-Length: ${body.length}`);
  lines.push(...(await csrfOf(port)));
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** The plug-in stack wants a token of its own beside its cookie; the others do not know the route. */
async function csrfOf(port: number): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/csrf`);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  const { token } = (await answer.json()) as { readonly token?: string };
  return answer.ok && cookie !== undefined && token !== undefined ? [`Cookie: ${cookie}`, `csrf-token: ${token}`] : [];
}

async function startServer(variant: Variant): Promise<Server> {
  const child = start("server.ts", [variant]);
  const { port, token } = await answerOf<{ readonly port: number; readonly token: string }>(child);
  return { process: child, port, token };
}

function start(file: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./gateway-load/${file}`, import.meta.url));
  return fork(path, args, {
    execArgv: ["--conditions=holdfast-source", ...(process.env.HOLDFAST_BENCH_NODE_OPTIONS?.split(" ") ?? [])],
    stdio: "inherit",
  });
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`A process of the benchmark ended with ${code}.`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
  });
}
