import type { SecurityEvent } from "@holdfast/policy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { breakable, headInMemory, type PlatformDatabase, platformDatabase } from "../testing/platform-database.ts";
import { type EventLog, eventLog } from "./event-log.ts";
import type { WaitingEvent } from "./event-queue.ts";
import type { EventRecord } from "./event-record.ts";

const START = 1_800_000_000_000;

let database: PlatformDatabase;
let log: EventLog;
let head: ReturnType<typeof headInMemory>;
let now = START;

const open = (more: Partial<Parameters<typeof eventLog>[0]> = {}) =>
  eventLog({ database: database.database, sealedHead: head, now: () => now, ...more });

const failed = (at: number, more: Partial<SecurityEvent> = {}): SecurityEvent => ({
  name: "signin.failed",
  at,
  ...more,
});

async function record(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) log.append(failed(START + index, { correlation: `c${index}` }));
  await log.flush();
}

beforeEach(async () => {
  now = START;
  database = await platformDatabase();
  head = headInMemory();
  log = await open();
});

afterEach(async () => {
  await log.close();
  await database.drop();
});

describe("the event log", () => {
  test("an event is recorded as OCSF and read back with what it said", async () => {
    const event = {
      ...failed(START, {
        requestId: "r",
        correlation: "c",
        subject: "s",
        sessionId: "e",
        address: "::1",
        reason: "password",
      }),
      route: "POST /auth/v1/token",
      service: "identity",
      detail: { attempts: 3 },
    };
    log.append(event);
    await log.flush();
    const [read] = (await log.query({})).events as [EventRecord];
    expect(read).toMatchObject(event);
    expect(read).toMatchObject({ seq: 1, recordedAt: START, classUid: 3002, severityId: 3, outcome: "failure" });
    expect(read.ocsf).toMatchObject({
      class_uid: 3002,
      category_uid: 3,
      activity_id: 1,
      type_uid: 300201,
      severity_id: 3,
      status_id: 2,
      time: START,
      metadata: { version: "1.8.0", event_code: "signin.failed", sequence: 1, correlation_uid: "c" },
      user: { uid: "s" },
      src_endpoint: { ip: "::1" },
      http_request: { uid: "r", http_method: "POST", url: { path: "/auth/v1/token" } },
    });
  });

  test("what is no event is refused, counted and stops nothing", async () => {
    log.append({ name: "no.such", at: START } as never);
    log.append({ name: "signin.failed", at: Number.NaN });
    log.append(failed(START, { address: "1\r\n2", detail: { password: "x" } as never, secret: "x" } as never));
    await log.flush();
    expect(log.refused).toBe(2);
    const { events } = await log.query({});
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ address: "1\\u{d}\\u{a}2", detail: {} });
    expect(JSON.stringify(events)).not.toContain('"x"');
  });

  test("events are found by name, correlation and time, newest first, page by page", async () => {
    await record(5);
    log.append({ name: "signin.succeeded", at: START + 9 });
    await log.flush();
    const seqs = async (query: Parameters<EventLog["query"]>[0]) =>
      (await log.query(query)).events.map((each) => each.seq);
    expect(await seqs({ name: "signin.succeeded" })).toEqual([6]);
    expect(await seqs({ correlation: "c2" })).toEqual([3]);
    expect(await seqs({ after: START + 1, before: START + 3 })).toEqual([3, 2]);
    const first = await log.query({ limit: 4 });
    expect(first.next).toBe(3);
    expect((await log.query({ limit: 4, cursor: first.next as number })).events.map((each) => each.seq)).toEqual([
      2, 1,
    ]);
  });

  test("subscribers hear every record once, in order, after it is written", async () => {
    const heard: number[] = [];
    const stop = log.subscribe((event) => heard.push(event.seq));
    await record(3);
    stop();
    await record(1);
    expect(heard).toEqual([1, 2, 3]);
  });

  test("the chain survives a restart, and two writers continue one chain", async () => {
    await record(3);
    await log.close();
    log = await open();
    const other = await eventLog({ database: database.another(), sealedHead: head, now: () => now });
    for (let round = 0; round < 4; round += 1) {
      for (let index = 0; index < 20; index += 1) (index % 2 === 0 ? log : other).append(failed(START));
      await Promise.all([log.flush(), other.flush()]);
    }
    expect(await log.verify()).toMatchObject({ intact: true, verified: 83 });
    await other.close();
  });
});

describe("nobody changes what was recorded", () => {
  test.each(["UPDATE platform.event SET body = body", "DELETE FROM platform.event", "TRUNCATE platform.event"])(
    "%s is refused to the platform's own role and, by the trigger, to the superuser",
    async (statement) => {
      await record(1);
      await expect(database.database.query(statement)).rejects.toThrow();
      await expect(database.administer(statement)).rejects.toThrow(/append-only/);
    },
  );

  test.each([
    ["edited", 2, "UPDATE platform.event SET body = replace(body, 'c1', 'c9') WHERE seq = 2"],
    ["missing", 2, "DELETE FROM platform.event WHERE seq = 2"],
    ["missing", 1, "DELETE FROM platform.event WHERE seq = 1"],
    ["broken-link", 2, "UPDATE platform.event SET seq = CASE seq WHEN 2 THEN 13 WHEN 3 THEN 2 ELSE seq END"],
    ["truncated", 4, "DELETE FROM platform.event WHERE seq > 3"],
    ["truncated", 1, "TRUNCATE platform.event"],
  ] as const)("%s at record %i is named although the superuser disabled the triggers", async (kind, seq, statement) => {
    await record(5);
    expect((await log.verify()).intact).toBe(true);
    await database.tamper("event", statement);
    expect((await log.verify()).fault).toMatchObject({ kind, seq });
  });

  test("a cut log stays cut: later records do not hide the gap, also after a restart", async () => {
    await record(5);
    await database.tamper("event", "DELETE FROM platform.event WHERE seq > 3");
    await log.close();
    log = await open();
    await record(2);
    expect((await log.query({})).events[0]?.seq).toBe(7);
    expect((await log.verify()).fault).toMatchObject({ kind: "missing", seq: 4 });
  });

  test("a log whose head was removed is not intact", async () => {
    await record(1);
    expect((await log.verify()).intact).toBe(true);
    head.head = null;
    expect((await log.verify()).fault).toMatchObject({ kind: "head-unreadable" });
  });
});

describe("while the database is away", () => {
  test("events wait and are written in order when it is back; a request never waits", async () => {
    const network = breakable(database.database);
    await log.close();
    log = await open({ database: network });
    network.isDown = true;
    await record(3);
    expect(log).toMatchObject({ waiting: 3, isFailing: true });
    network.isDown = false;
    await log.flush();
    expect(log).toMatchObject({ waiting: 0, isFailing: false });
    expect((await log.query({})).events.map((each) => each.correlation)).toEqual(["c2", "c1", "c0"]);
  });

  test("events are kept to a bound; how many were lost is itself an event", async () => {
    const network = breakable(database.database);
    await log.close();
    log = await open({ database: network, queueEventsMax: 3 });
    network.isDown = true;
    await record(5);
    expect(log.dropped).toBe(2);
    network.isDown = false;
    await log.flush();
    const { events } = await log.query({});
    expect(events.map((each) => each.name).sort()).toEqual([
      "platform.events-lost",
      "signin.failed",
      "signin.failed",
      "signin.failed",
    ]);
    expect(events.find((each) => each.name === "platform.events-lost")?.detail).toEqual({ count: 2 });
  });

  test("a commit whose answer was lost is not written twice", async () => {
    const network = breakable(database.database);
    await log.close();
    log = await open({ database: network });
    const heard: number[] = [];
    log.subscribe((event) => heard.push(event.seq));
    network.failAfterCommit = true;
    await record(3);
    expect(log.waiting).toBe(3);
    await log.flush();
    expect(heard).toEqual([1, 2, 3]);
    expect(await log.verify()).toMatchObject({ intact: true, verified: 3 });
  });

  test("what a clean stop cannot write is recorded first by the next start", async () => {
    const network = breakable(database.database);
    let spilled: readonly WaitingEvent[] = [];
    const spill = {
      read: async () => spilled,
      write: async (events: readonly WaitingEvent[]) => {
        spilled = events;
      },
    };
    await log.close();
    log = await open({ database: network, spill });
    network.isDown = true;
    await record(2);
    await log.close();
    expect(spilled).toHaveLength(2);
    log = await open({ spill });
    log.append(failed(START + 9, { correlation: "next" }));
    await log.flush();
    expect(spilled).toEqual([]);
    expect((await log.query({})).events.map((each) => each.correlation)).toEqual(["next", "c1", "c0"]);
  });
});
