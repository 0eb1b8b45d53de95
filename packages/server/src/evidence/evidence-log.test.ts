import type { Observation, SecurityEvent } from "@holdfast/policy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linkHash } from "../store/chain.ts";
import { headInMemory, type PlatformDatabase, platformDatabase } from "../testing/platform-database.ts";
import { type EvidenceLog, openEvidenceLog } from "./evidence-log.ts";
import { parseObservations } from "./observation-input.ts";

const NOW = 1_800_000_000_000;
const knownChecks = new Set(["JWT-01", "AZ-01"]);

const observation = (change: Partial<Observation> = {}): Observation => ({
  check: "JWT-01",
  version: "v1",
  result: "held",
  looked: 3,
  seen: "Refused three times.",
  startedAt: NOW - 10,
  finishedAt: NOW - 5,
  policyHash: "a".repeat(64),
  target: "https://localhost:8443",
  transcript: [{ request: "GET /", expected: "401", got: "401" }],
  ...change,
});

let database: PlatformDatabase;
let log: EvidenceLog;
let emitted: SecurityEvent[];
let head: ReturnType<typeof headInMemory>;

const open = () =>
  openEvidenceLog({
    database: database.database,
    sealedHead: head,
    now: () => NOW,
    emit: (event) => emitted.push(event),
  });

describe("the evidence log", () => {
  beforeEach(async () => {
    database = await platformDatabase();
    head = headInMemory();
    emitted = [];
    log = await open();
  });

  afterEach(() => database.drop());

  test("what a check saw is recorded, and the newest run and sabotage are at hand, also after a restart", async () => {
    const sabotage = { name: "twin", result: "caught" } as const;
    await log.append([observation({ seen: "old", finishedAt: NOW - 9 }), observation({ seen: "new" })]);
    await log.append([observation({ result: "broken", sabotage })]);
    for (const each of [log, await open()]) {
      expect(each.newest.get("JWT-01")).toMatchObject({ run: { seen: "new", seq: 2 }, sabotage: { sabotage, seq: 3 } });
    }
  });

  test("an old report that comes late does not replace a newer one", async () => {
    await log.append([observation({ seen: "new" })]);
    await log.append([observation({ seen: "old", finishedAt: NOW - 9 })]);
    expect((await open()).newest.get("JWT-01")?.run?.seen).toBe("new");
    expect(log.newest.get("JWT-01")?.run?.seen).toBe("new");
  });

  test("a broken run is an event; a broken twin is not", async () => {
    await log.append([observation({ result: "broken" })]);
    await log.append([observation({ result: "broken", sabotage: { name: "twin", result: "caught" } })]);
    expect(emitted).toMatchObject([
      { name: "check.broken", reason: "JWT-01", detail: { check: "JWT-01", evidence: 1 } },
    ]);
  });

  test("rows are listed newest first, by check, page by page", async () => {
    await log.append([observation(), observation({ check: "AZ-01" }), observation()]);
    const first = await log.query({ limit: 2 });
    expect(first.evidence.map((row) => row.seq)).toEqual([3, 2]);
    expect((await log.query({ cursor: first.next as number })).evidence.map((row) => row.seq)).toEqual([1]);
    expect((await log.query({ check: "AZ-01" })).evidence.map((row) => row.seq)).toEqual([2]);
  });

  test("the chain is intact, its export recomputes, and a changed verdict is found", async () => {
    await log.append([observation(), observation({ result: "broken" })]);
    expect(await log.verify()).toMatchObject({ intact: true, verified: 2 });
    for await (const line of log.exportLines()) {
      const { body, previousHash, hash } = JSON.parse(line) as { body: string; previousHash: string; hash: string };
      expect(linkHash(previousHash, body)).toBe(hash);
    }
    await expect(database.administer("UPDATE platform.evidence SET body = body")).rejects.toThrow(/append-only/);
    await expect(database.database.query("DELETE FROM platform.evidence")).rejects.toThrow();
    await database.tamper("evidence", `UPDATE platform.evidence SET body = replace(body, '"broken"', '"held"')`);
    expect((await log.verify()).fault).toMatchObject({ kind: "edited", seq: 2 });
  });
});

describe("a report of observations", () => {
  const parse = (change: object, now = NOW) =>
    parseObservations({ observations: [{ ...observation(), ...change }] }, { knownChecks, now });

  test("a complete observation passes unchanged", () => {
    expect(parse({})).toEqual([observation()]);
    const sabotage = { name: "twin", result: "caught" } as const;
    expect(parse({ sabotage })).toEqual([observation({ sabotage })]);
  });

  test.each([
    ["an unknown check", "evidence/unknown-check", { check: "JWT-99" }],
    ["a finish in the future", "evidence/from-the-future", { finishedAt: NOW + 120_000 }],
    ["an end before its start", "evidence/invalid", { startedAt: NOW, finishedAt: NOW - 1 }],
    ["a verdict about nothing", "evidence/invalid", { looked: 0 }],
    ["an unknown verdict", "evidence/invalid", { result: "excepted" }],
    ["a status", "evidence/invalid", { status: "held" }],
    ["a foreign hash", "evidence/invalid", { policyHash: "x" }],
    ["half an attempt", "evidence/invalid", { looked: 1.5 }],
    ["too long a transcript", "evidence/invalid", { transcript: Array(21).fill(observation().transcript[0]) }],
    [
      "an exchange with more in it",
      "evidence/invalid",
      { transcript: [{ ...observation().transcript[0], secret: "x" }] },
    ],
    ["an unknown sabotage verdict", "evidence/invalid", { sabotage: { name: "x", result: "held" } }],
  ])("%s is refused", (_what, code, change) => {
    expect(() => parse(change)).toThrowError(expect.objectContaining({ code }));
  });

  test("an empty report, a huge one and no report are refused", () => {
    for (const body of [null, [], {}, { observations: [] }, { observations: Array(201).fill(observation()) }]) {
      expect(() => parseObservations(body, { knownChecks, now: NOW })).toThrowError(
        expect.objectContaining({ code: "evidence/invalid" }),
      );
    }
  });

  test("control characters of a transcript become visible, lines stay", () => {
    const [row] = parse({ transcript: [{ request: "GET /\u0000\u202e\nHost: a", expected: "400", got: "400" }] });
    expect(row?.transcript[0]?.request).toBe("GET /\\u{0}\\u{202e}\nHost: a");
  });
});
