// What it costs to ask as somebody: asSubject against the same prepared query without any protection, in one run, on one
// database, in turns. The query is the first page of a list, which is what an API asks most.

import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asSubject, type DatabasePool, type VerifiedClaims } from "@holdfast/postgres";
import { startTestCluster, type TestDatabase, testDatabaseAt } from "@holdfast/postgres/testing";
import pg from "pg";

export const name = "as-subject";

interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly goal: string;
  readonly met: boolean;
}

const CONNECTIONS = 8;
const ROUNDS = 9;
const ROUND_MS = 1_000;
const WARM_UP_MS = 1_500;
const ROUND_TRIP_MS = 2.7;
const LATENCY_REQUESTS = 60;
const THROUGHPUT_GOAL = 0.85;
const LATENCY_GOAL = 1.1;
const OWNERS = 100;

/** The claims of an ordinary access token. */
const claims: VerifiedClaims = {
  iss: "https://localhost:8443/auth/v1",
  aud: "authenticated",
  sub: "00000000-0000-4000-8000-000000000007",
  exp: 1_900_000_000,
  iat: 1_800_000_000,
  email: "reader@example.com",
  phone: "",
  role: "authenticated",
  aal: "aal1",
  amr: [{ method: "password", timestamp: 1_800_000_000 }],
  session_id: "22222222-2222-4222-8222-222222222222",
  is_anonymous: false,
  app_metadata: { provider: "email", providers: ["email"], roles: ["reader"] },
  user_metadata: {},
};

const columns = "id, owner_id, title, body, status, created_at, updated_at";
const firstPage = (table: string): string =>
  `select ${columns} from ${table} where owner_id = $1 order by created_at desc limit 20`;
const byId = (table: string): string => `select ${columns} from ${table} where id = $1`;

/** One table under row-level security, and the same rows in one without. */
const schema = `
  create table content (id uuid primary key, owner_id uuid not null, title text not null, body text not null,
    status text not null, created_at timestamptz not null, updated_at timestamptz not null);
  insert into content select ('00000000-0000-4000-9000-' || lpad(i::text, 12, '0'))::uuid,
    ('00000000-0000-4000-8000-' || lpad((i % ${OWNERS})::text, 12, '0'))::uuid, 'Title number ' || i, repeat('Some text. ', 20),
    'draft', timestamptz '2026-01-01' + i * interval '1 minute', timestamptz '2026-01-01' + i * interval '1 minute'
    from generate_series(1, 20000) i;
  create index on content (owner_id, created_at);
  create table unprotected (like content including all);
  insert into unprotected select * from content;
  alter table content enable row level security;
  alter table content force row level security;
  create policy own on content for select to authenticated using (owner_id = (select holdfast.subject_id()));
  grant select on content to authenticated;
  grant usage on schema public to holdfast_api; -- For the unprotected side only: the API's own role sees nothing otherwise.
  grant select on unprotected to holdfast_api;
  analyze content, unprotected`;

type Request = () => Promise<{ readonly rows: readonly unknown[] }>;

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const cluster = await startTestCluster();
  try {
    const database = await testDatabaseAt(cluster.address);
    await (await database.administrator()).query(schema);
    const page = await throughput(database, "first page of 20 rows", firstPage, claims.sub as string, report);
    const point = await throughput(database, "one row by id", byId, "00000000-0000-4000-9000-000000000107", report);
    const latency = await latencyOverDistance(database, report);
    await database.drop();
    return [
      {
        figure: "asSubject throughput / unprotected prepared query, first page, 8 connections",
        value: page,
        goal: `>= ${THROUGHPUT_GOAL}`,
        met: page >= THROUGHPUT_GOAL,
      },
      {
        figure: "asSubject throughput / unprotected prepared query, one row by id, 8 connections",
        value: point,
        goal: `>= ${THROUGHPUT_GOAL}`,
        met: point >= THROUGHPUT_GOAL,
      },
      {
        figure: "asSubject latency / unprotected prepared query at 2.7 ms round-trip time",
        value: latency,
        goal: `<= ${LATENCY_GOAL}`,
        met: latency <= LATENCY_GOAL,
      },
    ];
  } finally {
    await cluster.stop();
  }
}

async function throughput(
  database: TestDatabase,
  what: string,
  query: (table: string) => string,
  value: string,
  report: (line: string) => void,
): Promise<number> {
  const { bare, subject, end } = sides(database, database.settings("holdfast_api"), CONNECTIONS, query, value);
  await sameRows(bare, subject);
  for (const side of [bare, subject]) await load(side, WARM_UP_MS);
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const plain = await load(bare, ROUND_MS);
    const asked = await load(subject, ROUND_MS);
    ratios.push(asked.perSecond / plain.perSecond);
    report(
      `${what}: unprotected ${plain.perSecond.toFixed(0)}/s (${plain.clientUs.toFixed(0)} us of this process), ` +
        `asSubject ${asked.perSecond.toFixed(0)}/s (${asked.clientUs.toFixed(0)} us), ratio ${(asked.perSecond / plain.perSecond).toFixed(3)}`,
    );
  }
  await end();
  return median(ratios);
}

async function latencyOverDistance(database: TestDatabase, report: (line: string) => void): Promise<number> {
  const settings = database.settings("holdfast_api");
  const distance = await openDistance(join(settings.host as string, `.s.PGSQL.${settings.port}`), ROUND_TRIP_MS / 2);
  try {
    const far = { ...settings, host: distance.folder };
    const { bare, subject, end } = sides(database, far, 1, firstPage, claims.sub as string);
    await sameRows(bare, subject);
    await sameRows(bare, subject); // A text is prepared when it comes a second time.
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const plain = await medianLatencyMs(bare);
      const asked = await medianLatencyMs(subject);
      ratios.push(asked / plain);
      report(
        `at ${ROUND_TRIP_MS} ms: unprotected ${plain.toFixed(2)} ms, asSubject ${asked.toFixed(2)} ms, ratio ${(asked / plain).toFixed(3)}`,
      );
    }
    await end();
    return median(ratios);
  } finally {
    await distance.close();
  }
}

interface Sides {
  readonly bare: Request;
  readonly subject: Request;
  end(): Promise<void>;
}

function sides(
  database: TestDatabase,
  settings: pg.ClientConfig,
  connections: number,
  query: (table: string) => string,
  value: string,
): Sides {
  const bare = new pg.Pool({ ...settings, max: connections });
  bare.on("error", () => undefined); // The cluster is stopped after a failure, which is reported by itself.
  const pool: DatabasePool = database.poolAt(settings, { connectionsMax: connections });
  const protectedText = query("content");
  const unprotectedText = query("unprotected");
  return {
    bare: () => bare.query({ name: "unprotected", text: unprotectedText, values: [value] }),
    subject: () => asSubject(pool, claims, { text: protectedText, values: [value] }),
    end: async () => {
      await Promise.all([bare.end(), pool.end()]);
    },
  };
}

/** Comparing is fair only when both give the same rows, and some. */
async function sameRows(bare: Request, subject: Request): Promise<void> {
  const [plain, asked] = [(await bare()).rows, (await subject()).rows];
  if (plain.length === 0 || JSON.stringify(plain) !== JSON.stringify(asked))
    throw new Error("The two sides give different rows.");
}

interface Load {
  readonly perSecond: number;
  /** Processor time of this process per request: what is left of the difference when PostgreSQL has processors of its own. */
  readonly clientUs: number;
}

async function load(request: Request, durationMs: number): Promise<Load> {
  const before = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      await request();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (count / (performance.now() - start)) * 1_000, clientUs: (user + system) / count };
}

async function medianLatencyMs(request: Request): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < LATENCY_REQUESTS; index += 1) {
    const start = performance.now();
    await request();
    times.push(performance.now() - start);
  }
  return median(times);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

interface Distance {
  readonly folder: string;
  close(): Promise<void>;
}

/** A socket that passes everything on to another one, each way after a delay, in order. */
async function openDistance(target: string, delayMs: number): Promise<Distance> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-distance-"));
  const server: Server = createServer((near) => {
    const far = connect(target);
    near.on("data", (bytes) => later(delayMs, () => far.write(bytes)));
    far.on("data", (bytes) => later(delayMs, () => near.write(bytes)));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    for (const socket of [near, far]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(folder, ".s.PGSQL.5432"), resolve));
  return {
    folder,
    close: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Timers count whole milliseconds; the rest is waited for turn by turn. */
function later(delayMs: number, work: () => void): void {
  const due = performance.now() + delayMs;
  const look = (): void => {
    if (performance.now() >= due) work();
    else setImmediate(look);
  };
  setTimeout(look, Math.max(0, Math.floor(delayMs) - 1));
}
