// What it costs to ask as somebody: asSubject against the same query without any protection, in one run, on one database. Short
// rounds of both stand side by side, in alternating order, and what counts is the median of the pairs' ratios: whatever else the
// machine does meets both. Beside it: the processor time of client and server; the same with every request from another subject,
// so that what the last one left in the session is undone each time; and the unprotected query as most programs send it, without
// a name, so that PostgreSQL parses and plans it anew (asSubject names what comes again by itself).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asSubject, type DatabasePool, type VerifiedClaims } from "@holdfast/postgres";
import { startTestCluster, type TestDatabase, testDatabaseAt } from "@holdfast/postgres/testing";
import pg from "pg";
import { openDistance } from "./as-subject-distance/distance.ts";

export const name = "as-subject";

interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly goal: string;
  readonly met: boolean;
}

const CONNECTIONS = 8;
const PAIRS = 30;
const ROUND_MS = 300;
const WARM_UP_MS = 1_500;
const LATENCY_PAIRS = 12;
/** A part that takes longer has stopped: it fails instead of waiting for ever. */
const PART_MS_MAX = 120_000;
const ROUND_TRIP_MS = 2.7;
const LATENCY_REQUESTS = 40;
const THROUGHPUT_GOAL = 0.85;
const LATENCY_GOAL = 1.1;
const OWNERS = 100;
const ROW_ID = "00000000-0000-4000-9000-000000000107";

const subjectId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** The claims of an ordinary access token. */
const claims: VerifiedClaims = {
  iss: "https://localhost:8443/auth/v1",
  aud: "authenticated",
  sub: subjectId(7),
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

/** As many people as there are connections, and one more: hardly ever does one meet the connection that served them last. */
const people = Array.from({ length: CONNECTIONS + 1 }, (_, index) => ({
  ...claims,
  sub: subjectId(index + 1),
  session_id: `22222222-2222-4222-8222-${String(index + 1).padStart(12, "0")}`,
}));

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
    const page = await inTime(
      "the first page",
      throughput(database, "first page of 20 rows", firstPage, claims.sub as string, report),
    );
    const point = await inTime("one row", throughput(database, "one row by id", byId, ROW_ID, report));
    const changing = await inTime("changing subjects", changingSubjects(database, report));
    const unnamed = await inTime("the query without a name", unnamedQuery(database, report));
    const latency = await inTime("the distance", latencyOverDistance(database, report));
    await database.drop();
    return [
      ...figuresOf("first page", page),
      ...figuresOf("one row by id", point),
      {
        figure: `asSubject throughput / unprotected prepared query, first page, every request another subject, ${CONNECTIONS} connections`,
        value: changing,
        goal: `>= ${THROUGHPUT_GOAL}`,
        met: changing >= THROUGHPUT_GOAL,
      },
      {
        figure: `asSubject throughput / unprotected query sent without a name, first page, ${CONNECTIONS} connections`,
        value: unnamed,
        goal: `>= ${THROUGHPUT_GOAL}`,
        met: unnamed >= THROUGHPUT_GOAL,
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

/** Unprotected to protected: of what a second holds, and of the processor time of one request where that can be read. */
interface Ratios {
  readonly throughput: number;
  readonly processor: number | undefined;
}

function figuresOf(what: string, { throughput: value, processor }: Ratios): readonly Figure[] {
  const figure = (name: string, ratio: number): Figure => ({
    figure: `${name}, ${what}, ${CONNECTIONS} connections`,
    value: ratio,
    goal: `>= ${THROUGHPUT_GOAL}`,
    met: ratio >= THROUGHPUT_GOAL,
  });
  return [
    figure("asSubject throughput / unprotected prepared query", value),
    ...(processor === undefined
      ? []
      : [figure("processor time of an unprotected prepared query / asSubject", processor)]),
  ];
}

async function inTime<T>(what: string, part: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: no end after ${PART_MS_MAX} ms.`)), PART_MS_MAX);
  try {
    return await Promise.race([part, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs rounds of both in pairs, every other pair the other way round. */
async function inPairs<T>(
  pairs: number,
  plain: () => Promise<T>,
  asked: () => Promise<T>,
): Promise<[plain: T, asked: T][]> {
  const results: [T, T][] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) results.push([await plain(), await asked()]);
    else results.push(([await asked(), await plain()] as [T, T]).toReversed() as [T, T]);
  }
  return results;
}

async function throughput(
  database: TestDatabase,
  what: string,
  query: (table: string) => string,
  value: string,
  report: (line: string) => void,
): Promise<Ratios> {
  const { bare, subject, end } = sides(database, database.settings("holdfast_api"), CONNECTIONS, query, value);
  await sameRows(bare, subject);
  for (const side of [bare, subject]) await load(side, [], WARM_UP_MS);
  const servers = { bare: await processesOf(database, BARE), subject: await processesOf(database, SUBJECT) };
  const pairs = await inPairs(
    PAIRS,
    () => load(bare, servers.bare, ROUND_MS),
    () => load(subject, servers.subject, ROUND_MS),
  );
  await end();
  const middle = (side: 0 | 1, of: (round: Load) => number | undefined): string =>
    median(pairs.map((pair) => of(pair[side]) ?? Number.NaN)).toFixed(0);
  const line = (side: 0 | 1): string =>
    `${middle(side, (round) => round.perSecond)}/s (${middle(side, (round) => round.clientUs)} us here, ` +
    `${middle(side, (round) => round.serverUs)} us in PostgreSQL)`;
  const ratios = pairs.map(([plain, asked]) => asked.perSecond / plain.perSecond);
  const sorted = ratios.toSorted((a, b) => a - b);
  const quarter = (part: number): string => (sorted[Math.floor(sorted.length * part)] as number).toFixed(3);
  report(`${what}: unprotected ${line(0)}, asSubject ${line(1)}`);
  report(
    `${what}: ratio per pair: median ${median(ratios).toFixed(3)}, half of them in ${quarter(0.25)} to ${quarter(0.75)}`,
  );
  const processor = median(pairs.map(([plain, asked]) => totalUs(plain) / totalUs(asked)));
  return { throughput: median(ratios), processor: Number.isNaN(processor) ? undefined : processor };
}

/** Each side asks for the first page of the same people in turn. */
async function changingSubjects(database: TestDatabase, report: (line: string) => void): Promise<number> {
  const { bare, pool, end } = pools(database, database.settings("holdfast_api"), CONNECTIONS);
  const [text, plainText] = [firstPage("content"), firstPage("unprotected")];
  const [plainTurn, askedTurn] = [inTurn(people), inTurn(people)];
  const ratio = await ratioOf(
    () => bare.query({ name: "unprotected", text: plainText, values: [plainTurn().sub] }),
    () => {
      const who = askedTurn();
      return asSubject(pool, who, { text, values: [who.sub] });
    },
  );
  await end();
  report(`every request another subject: ratio per pair: median ${ratio.toFixed(3)}`);
  return ratio;
}

/** Gives one value after the other, and begins again. */
function inTurn<T>(values: readonly T[]): () => T {
  let turn = 0;
  return () => {
    turn += 1;
    return values[turn % values.length] as T;
  };
}

async function unnamedQuery(database: TestDatabase, report: (line: string) => void): Promise<number> {
  const { bare, pool, end } = pools(database, database.settings("holdfast_api"), CONNECTIONS);
  const [text, plainText] = [firstPage("content"), firstPage("unprotected")];
  const values = [claims.sub];
  const ratio = await ratioOf(
    () => bare.query(plainText, values),
    () => asSubject(pool, claims, { text, values }),
  );
  await end();
  report(`against the query without a name: ratio per pair: median ${ratio.toFixed(3)}`);
  return ratio;
}

/** The median over pairs of rounds of what `asked` manages in a second to what `plain` does. */
async function ratioOf(plain: Request, asked: Request): Promise<number> {
  await sameRows(plain, asked);
  for (const side of [plain, asked]) await load(side, [], WARM_UP_MS);
  const pairs = await inPairs(
    PAIRS,
    () => load(plain, [], ROUND_MS),
    () => load(asked, [], ROUND_MS),
  );
  return median(pairs.map(([before, after]) => after.perSecond / before.perSecond));
}

const totalUs = ({ clientUs, serverUs = Number.NaN }: Load): number => clientUs + serverUs;

async function latencyOverDistance(database: TestDatabase, report: (line: string) => void): Promise<number> {
  const settings = database.settings("holdfast_api");
  const distance = await openDistance(join(settings.host as string, `.s.PGSQL.${settings.port}`), ROUND_TRIP_MS / 2);
  try {
    const far = { ...settings, host: distance.folder };
    const { bare, subject, end } = sides(database, far, 1, firstPage, claims.sub as string);
    await sameRows(bare, subject);
    await sameRows(bare, subject); // A text is prepared when it comes a second time.
    const pairs = await inPairs(
      LATENCY_PAIRS,
      () => medianLatencyMs(bare),
      () => medianLatencyMs(subject),
    );
    await end();
    const [plain, asked] = [median(pairs.map(([ms]) => ms)), median(pairs.map(([, ms]) => ms))];
    report(`at ${ROUND_TRIP_MS} ms: unprotected ${plain.toFixed(2)} ms, asSubject ${asked.toFixed(2)} ms`);
    return median(pairs.map(([bareMs, subjectMs]) => subjectMs / bareMs));
  } finally {
    await distance.close();
  }
}

const BARE = "bare";
const SUBJECT = "subject";

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
  const { bare, pool, end } = pools(database, settings, connections);
  const protectedText = query("content");
  const unprotectedText = query("unprotected");
  return {
    bare: () => bare.query({ name: "unprotected", text: unprotectedText, values: [value] }),
    subject: () => asSubject(pool, claims, { text: protectedText, values: [value] }),
    end,
  };
}

interface Pools {
  readonly bare: pg.Pool;
  readonly pool: DatabasePool;
  end(): Promise<void>;
}

function pools(database: TestDatabase, settings: pg.ClientConfig, connections: number): Pools {
  const bare = new pg.Pool({ ...settings, application_name: BARE, max: connections });
  bare.on("error", () => undefined); // The cluster is stopped after a failure, which is reported by itself.
  const pool = database.poolAt({ ...settings, application_name: SUBJECT }, { connectionsMax: connections });
  return {
    bare,
    pool,
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

/** The server's processes of one side. */
async function processesOf(database: TestDatabase, application: string): Promise<readonly number[]> {
  const { rows } = await (await database.administrator()).query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = $1 and datname = current_database()",
    [application],
  );
  return rows.map(({ pid }) => pid);
}

/** Nanoseconds that the processes had a processor, or undefined where the system does not tell. */
async function processorNs(pids: readonly number[]): Promise<number | undefined> {
  const read = async (pid: number): Promise<number> =>
    Number((await readFile(`/proc/${pid}/schedstat`, "utf8")).split(" ")[0]);
  try {
    return (await Promise.all(pids.map(read))).reduce((sum, ns) => sum + ns, 0);
  } catch {
    return undefined; // Not Linux: wall time is all there is.
  }
}

interface Load {
  readonly perSecond: number;
  /** Processor time per request of this process, and of the server's processes. */
  readonly clientUs: number;
  readonly serverUs: number | undefined;
}

async function load(request: Request, servers: readonly number[], durationMs: number): Promise<Load> {
  const serverBefore = await processorNs(servers);
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
  const perSecond = (count / (performance.now() - start)) * 1_000;
  const { user, system } = process.cpuUsage(before);
  const serverAfter = await processorNs(servers);
  const serverUs =
    serverBefore === undefined || serverAfter === undefined ? undefined : (serverAfter - serverBefore) / 1_000 / count;
  return { perSecond, clientUs: (user + system) / count, serverUs };
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

/** The middle of the values, or the mean of the two in the middle; NaN when one of them is. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return values.some(Number.isNaN) ? Number.NaN : ((sorted[low] as number) + (sorted[high] as number)) / 2;
}
