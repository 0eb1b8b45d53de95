import { testDatabase } from "@holdfast/postgres/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { headInMemory } from "../testing/platform-database.ts";
import { type ChainedLog, type LogTable, openChainedLog } from "./chained-log.ts";
import { platformMigrations } from "./migrations.ts";

const LOGS: readonly LogTable[] = ["event", "evidence", "alert_log", "incident_log"];
const WRITERS = 4;
/** Of the locks that an intruder may try: more than one for each log. */
const LOCK_SPACE = 0x484f4c44;
const LOCKS_TRIED = 8;

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase({ migrationSets: [platformMigrations] });
});
afterAll(() => database.drop());

const openLog = (table: LogTable): Promise<ChainedLog> =>
  openChainedLog({
    database: database.pool("holdfast_platform"),
    table,
    sealedHead: headInMemory(),
    sequenceOf: (body) => (JSON.parse(body) as { seq: number }).seq,
  });

const body = (seq: number): string =>
  JSON.stringify({ seq, time: seq, metadata: { event_code: "api.error" }, check: "RLS-01", finishedAt: seq });

test("several processes on one database continue one chain", async () => {
  const logs = await Promise.all(Array.from({ length: WRITERS }, () => openLog("alert_log")));
  await Promise.all(logs.flatMap((log) => [1, 2, 3, 4, 5].map(() => log.append([body, body]))));
  const seqs: number[] = [];
  for await (const rows of (logs[0] as ChainedLog).pagesAfter(0)) seqs.push(...rows.map((row) => row.seq));
  expect(seqs).toEqual(Array.from({ length: WRITERS * 5 * 2 }, (_, index) => index + 1));
});

test("no lock that a statement of the application can take stops a log", async () => {
  const intruder = database.pool("holdfast_api", { connectionsMax: 1 });
  for (let key = 0; key < LOCKS_TRIED; key += 1) {
    await intruder.query("select pg_advisory_lock($1::int, $2::int)", [LOCK_SPACE, key]);
  }
  await expect(intruder.query("select from platform.turn for update")).rejects.toMatchObject({
    code: "database/refused",
  });
  for (const table of LOGS) expect(await (await openLog(table)).append([body])).toHaveLength(1);
});

test("a log whose turn nobody can take is not written, rather than forked", async () => {
  const administrator = await database.administrator();
  await administrator.query("delete from platform.turn where log = 'incident_log'");
  await expect((await openLog("incident_log")).append([body])).rejects.toThrow("platform.turn has no row");
  await administrator.query("insert into platform.turn (log) values ('incident_log')");
  expect(await (await openLog("incident_log")).append([body])).toHaveLength(1);
});
