// What identity costs in processor time: signing in beside the bare comparison of a password at the same cost, and asking for the
// user and refreshing beside better-auth on the same PostgreSQL. GoTrue is not built here (it needs Go), so it is not compared.
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { fileURLToPath } from "node:url";
import { startTestCluster, testDatabaseAt } from "@holdfast/postgres/testing";
import { run as runProgram } from "../scripts/run.ts";
import type { Question, Ready } from "./identity-load/question.ts";
import type { Figure } from "./main.ts";

export const name = "identity";

const ROUNDS = Number(process.env.HOLDFAST_BENCH_ROUNDS ?? 5);
const SIGN_INS = 128;
const REQUESTS = 1_000;
const CONNECTIONS = 8;
const OVERHEAD_MAX = 1.15;
const CHEAPER_MIN = 3;

interface Server {
  readonly process: ChildProcess;
  readonly ready: Ready;
}

interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
  // oxlint-disable-next-line typescript/no-explicit-any -- each server's own JSON
  readonly json: any;
}

/** Runs all rounds; `report` gets a line for each figure of a server. */
export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  await installPeer(report);
  const cluster = await startTestCluster();
  const peerDatabase = await testDatabaseAt(cluster.address);
  const peerSettings = JSON.stringify(peerDatabase.settings());
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const servers: Server[] = [];
  const begin = async (file: string, ...args: readonly string[]): Promise<Server> => {
    const server = await startServer(file, args);
    servers.push(server);
    return server;
  };
  try {
    const ours = await begin("holdfast.ts", JSON.stringify(cluster.address));
    const user = await begin("better-auth.ts", peerSettings, "user");
    const refresh = await begin("better-auth.ts", peerSettings, "refresh");
    const used = await measureAll(ours, user, refresh, agent);
    for (const [what, us] of used) report(`${what}: ${us.toFixed(0)} µs of processor time each`);
    const ratio = (above: string, below: string) => (used.get(above) ?? Number.NaN) / (used.get(below) ?? Number.NaN);
    return [
      atMost("sign-in ÷ the bare comparison of a password", ratio("sign-in", "comparison"), OVERHEAD_MAX),
      atLeast("better-auth's get-session ÷ GET /user", ratio("get-session", "GET /user"), CHEAPER_MIN),
      atLeast("better-auth's renewing get-session ÷ refresh", ratio("renewing get-session", "refresh"), CHEAPER_MIN),
    ];
  } finally {
    agent.destroy();
    for (const server of servers) server.process.disconnect();
    await Promise.all(servers.map(({ process: child }) => new Promise((done) => child.once("exit", done))));
    await peerDatabase.drop();
    await cluster.stop();
  }
}

const atMost = (figure: string, value: number, goal: number): Figure => ({
  figure,
  value,
  goal: `≤ ${goal}`,
  met: value <= goal,
});
const atLeast = (figure: string, value: number, goal: number): Figure => ({
  figure,
  value,
  goal: `≥ ${goal}`,
  met: value >= goal,
});

/** The median of the rounds for each kind of work; the kinds take turns, so that other load meets all of them. */
async function measureAll(
  ours: Server,
  user: Server,
  refresh: Server,
  agent: Agent,
): Promise<ReadonlyMap<string, number>> {
  const signIn = (index: number) => signInTo(ours, agent, index);
  const tokens: string[] = [];
  const refreshTokens: string[] = [];
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const { json } = await signIn(index);
    tokens.push(json.access_token);
    refreshTokens.push(json.refresh_token);
  }
  const cookies = await Promise.all([user, refresh].map((server) => peerCookies(server, agent)));
  const kinds: readonly (readonly [
    string,
    Server,
    number,
    ((index: number, lane: number) => Promise<unknown>) | null,
  ])[] = [
    ["comparison", ours, SIGN_INS, null],
    ["sign-in", ours, SIGN_INS, signIn],
    [
      "GET /user",
      ours,
      REQUESTS,
      (_index, lane) => send(ours, agent, "GET", "/user", { authorization: `Bearer ${tokens[lane]}` }),
    ],
    [
      "refresh",
      ours,
      REQUESTS,
      async (_index, lane) => {
        const { json } = await send(
          ours,
          agent,
          "POST",
          "/token?grant_type=refresh_token",
          {},
          { refresh_token: refreshTokens[lane] },
        );
        refreshTokens[lane] = json.refresh_token;
      },
    ],
    ["get-session", user, REQUESTS, (_index, lane) => getSession(user, agent, cookies[0]?.[lane] ?? "")],
    ["renewing get-session", refresh, REQUESTS, (_index, lane) => getSession(refresh, agent, cookies[1]?.[lane] ?? "")],
  ];
  const used = new Map<string, number[]>(kinds.map(([kind]) => [kind, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [kind, server, times, work] of kinds) {
      const us = work === null ? await compared(server, times) : await worked(server, times, work);
      // The first round warms up.
      if (round > 0) used.get(kind)?.push(us);
    }
  }
  return new Map([...used].map(([kind, values]) => [kind, median(values)]));
}

async function compared(server: Server, times: number): Promise<number> {
  const before = await ask(server, { kind: "usage" });
  return ((await ask(server, { kind: "hash", times })) - before) / times;
}

async function worked(
  server: Server,
  times: number,
  work: (index: number, lane: number) => Promise<unknown>,
): Promise<number> {
  const before = await ask(server, { kind: "usage" });
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    while (next < times) {
      const index = next;
      next += 1;
      await work(index, number);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => lane(number)));
  return ((await ask(server, { kind: "usage" })) - before) / times;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function signInTo({ ready, process: child }: Server, agent: Agent, index: number): Promise<Answer> {
  const email = ready.emails[index % ready.emails.length];
  const body = { email, password: ready.password };
  return send({ ready, process: child }, agent, "POST", "/token?grant_type=password", {}, body);
}

const getSession = async (server: Server, agent: Agent, cookie: string): Promise<void> => {
  const { json } = await send(server, agent, "GET", "/api/auth/get-session", { cookie });
  if (json?.user === undefined) throw new Error("better-auth knows no session.");
};

async function peerCookies(server: Server, agent: Agent): Promise<readonly string[]> {
  const cookies: string[] = [];
  for (const email of server.ready.emails.slice(0, CONNECTIONS)) {
    const body = { email, password: server.ready.password };
    const headers = { origin: "http://127.0.0.1" };
    const answer = await send(server, agent, "POST", "/api/auth/sign-in/email", headers, body);
    cookies.push(answer.cookies.map((cookie) => cookie.split(";")[0]).join("; "));
  }
  return cookies;
}

function send(
  { ready }: Server,
  agent: Agent,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const options = { host: "127.0.0.1", port: ready.port, agent, method, path, headers: { ...headers, ...content } };
    const request = httpRequest(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status !== 200) reject(new Error(`${method} ${path} was answered with ${status}: ${text.slice(0, 200)}`));
        else
          resolve({
            status,
            cookies: response.headers["set-cookie"] ?? [],
            json: text === "" ? null : JSON.parse(text),
          });
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function ask({ process: child }: Server, question: Question): Promise<number> {
  child.send(question);
  return (await answerOf<{ readonly usedUs: number }>(child)).usedUs;
}

async function startServer(file: string, args: readonly string[]): Promise<Server> {
  const child = fork(fileURLToPath(new URL(`./identity-load/${file}`, import.meta.url)), args, {
    execArgv: ["--conditions=holdfast-source", ...(process.env.HOLDFAST_BENCH_NODE_OPTIONS?.split(" ") ?? [])],
    stdio: "inherit",
  });
  return { process: child, ready: await answerOf<Ready>(child) };
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

/** better-auth (MIT, 35 packages, 26 MB) is installed only here and only for this, exactly as locked, without install scripts. */
async function installPeer(report: (line: string) => void): Promise<void> {
  const folder = fileURLToPath(new URL("./identity-load/better-auth", import.meta.url));
  if (existsSync(`${folder}/node_modules/better-auth`)) return;
  report("installing better-auth");
  const { exitCode, output } = await runProgram("npm", ["ci", "--prefix", folder, "--ignore-scripts"]);
  if (exitCode !== 0) throw new Error(`better-auth could not be installed: ${output.slice(-500)}`);
}
