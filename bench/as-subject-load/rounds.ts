// Rounds of load on two sides, in neighbouring pairs, so that whatever else the machine does meets both.
import { readFile } from "node:fs/promises";
import type { TestDatabase } from "@holdfast/postgres/testing";

export type Request = () => Promise<{ readonly rows: readonly unknown[] }>;

export const CONNECTIONS = 8;
const PAIRS = 30;
const ROUND_MS = 300;
const WARM_UP_MS = 1_500;
const LATENCY_REQUESTS = 40;

/** The median over pairs of rounds of what `asked` manages in a second to what `plain` does. */
export async function ratioOf(plain: Request, asked: Request): Promise<number> {
  const pairs = await loadInPairs(plain, asked);
  return median(pairs.map(([before, after]) => after.perSecond / before.perSecond));
}

/** Loads both sides in turn, after each was warm. `serversOf` names the server's processes of each side, once they are there. */
export async function loadInPairs(
  plain: Request,
  asked: Request,
  serversOf: () => Promise<readonly [plain: readonly number[], asked: readonly number[]]> = async () => [[], []],
): Promise<[plain: Load, asked: Load][]> {
  await sameRows(plain, asked);
  for (const side of [plain, asked]) await load(side, [], WARM_UP_MS);
  const [plainServers, askedServers] = await serversOf();
  return inPairs(
    PAIRS,
    () => load(plain, plainServers, ROUND_MS),
    () => load(asked, askedServers, ROUND_MS),
  );
}

/** Comparing is fair only when both give the same rows, and some. */
export async function sameRows(bare: Request, subject: Request): Promise<void> {
  const [plain, asked] = [(await bare()).rows, (await subject()).rows];
  if (plain.length === 0 || JSON.stringify(plain) !== JSON.stringify(asked))
    throw new Error("The two sides give different rows.");
}

/** Runs rounds of both in pairs, every other pair the other way round. */
export async function inPairs<T>(
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

/** The server's processes of one side. */
export async function processesOf(database: TestDatabase, application: string): Promise<readonly number[]> {
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

export interface Load {
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

export async function medianLatencyMs(request: Request): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < LATENCY_REQUESTS; index += 1) {
    const start = performance.now();
    await request();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** The middle of the values, or the mean of the two in the middle; NaN when one of them is. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return values.some(Number.isNaN) ? Number.NaN : ((sorted[low] as number) + (sorted[high] as number)) / 2;
}
