// What it costs to ask as somebody: asSubject against the same query without any protection, in one run, on one database. Short
// rounds of both stand side by side, in alternating order, and what counts is the median of the pairs' ratios: whatever else the
// machine does meets both. Beside it: the processor time of client and server; the same with every request from another subject,
// so that what the last one left in the session is undone each time; and the unprotected query as most programs send it, without
// a name, so that PostgreSQL parses and plans it anew (asSubject names what comes again by itself).

import { join } from "node:path";
import { asSubject } from "@holdfast/postgres";
import { startTestCluster, type TestDatabase, testDatabaseAt } from "@holdfast/postgres/testing";
import { openDistance } from "./as-subject-load/distance.ts";
import {
  CONNECTIONS,
  inPairs,
  type Load,
  loadInPairs,
  median,
  medianLatencyMs,
  processesOf,
  ratioOf,
  sameRows,
} from "./as-subject-load/rounds.ts";
import {
  BARE,
  byId,
  claims,
  firstPage,
  people,
  pools,
  ROW_ID,
  SUBJECT,
  schema,
  sides,
} from "./as-subject-load/sides.ts";

export const name = "as-subject";

interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly goal: string;
  readonly met: boolean;
}

const LATENCY_PAIRS = 12;
/** A part that takes longer has stopped: it fails instead of waiting for ever. */
const PART_MS_MAX = 120_000;
const ROUND_TRIP_MS = 2.7;
const THROUGHPUT_GOAL = 0.85;
const LATENCY_GOAL = 1.1;

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

async function throughput(
  database: TestDatabase,
  what: string,
  query: (table: string) => string,
  value: string,
  report: (line: string) => void,
): Promise<Ratios> {
  const { bare, subject, end } = sides(database, database.settings("holdfast_api"), CONNECTIONS, query, value);
  const pairs = await loadInPairs(bare, subject, async () => [
    await processesOf(database, BARE),
    await processesOf(database, SUBJECT),
  ]);
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
