import { afterAll, beforeAll, expect, test } from "vitest";
import { countCrossings } from "./testing/crossing.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

const REQUESTS = Number(process.env["HOLDFAST_CROSSING_REQUESTS"] ?? 2_000);
const AT_ONCE = 500;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test.each([
  ["pool of ours", false],
  ["pool that signs for whichever process serves it", true],
])(
  `in ${REQUESTS} mixed requests over two connections of a %s nobody is taken for somebody else`,
  async (_, isBehindPooler) => {
    const queue = { queueMax: AT_ONCE, queueTimeoutMs: 60_000 };
    const pool = database.pool("holdfast_api", { connectionsMax: 2, ...queue, isBehindPooler });
    expect(await countCrossings(pool, REQUESTS, AT_ONCE)).toEqual({ requests: REQUESTS, crossings: [] });
    expect(pool.metrics).toMatchObject({ connections: 2, waiting: 0, refused: 0, discarded: 0 });
  },
);
