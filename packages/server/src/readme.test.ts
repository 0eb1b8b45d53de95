import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { apiProblems } from "./api/api-problem.ts";
import { apiRoutes } from "./api/routes.ts";
import { eventRules } from "./detection/event-rules.ts";
import { createMetrics } from "./metrics/metrics.ts";

const folder = new URL("./", import.meta.url);
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");

/** First cells of the table under a heading (or of the n-th table there). */
function firstCells(heading: string, table = 0): readonly string[] {
  const section = readme.split(/^#{2,3} /m).find((each) => each.startsWith(heading)) ?? "";
  const tables = section.split(/\n\n/).filter((each) => each.startsWith("|"));
  return [...(tables[table] ?? "").matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell as string);
}

const source = (path: string) => readFile(new URL(path, folder), "utf8");

describe("the README names everything, and nothing that does not exist", () => {
  test("routes", () => {
    expect(firstCells("Routes")).toEqual(apiRoutes.map((route) => route.id));
  });

  test("metrics", async () => {
    const none = () => ({});
    const zero = () => 0;
    const metrics = createMetrics({
      eventsWaiting: zero,
      eventsDropped: zero,
      eventsRefused: zero,
      logFailing: () => false,
      logRecords: none,
      alertsOpen: zero,
      incidentsOpen: zero,
      controls: none,
      pools: none,
      replicas: () => undefined,
      streamsOpen: zero,
      backups: none,
      performance: () => undefined,
    });
    const named = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(firstCells("Metrics")).toEqual(named);
  });

  test("rules of detection", () => {
    const monitoring = { failedLogins: { atLeast: 1, windowSeconds: 1 } };
    // The one rule that reads counters instead of events.
    expect(firstCells("Detection").toSorted()).toEqual(
      [...eventRules(monitoring).map((rule) => rule.id), "api-errors"].toSorted(),
    );
  });

  test("error codes", async () => {
    const union = [...(await source("error.ts")).matchAll(/^ {2}\| "([^"]+)"/gm)].map(([, code]) => code);
    expect(firstCells("Errors", 0)).toEqual(union);
    expect(firstCells("Errors", 1)).toEqual(Object.keys(apiProblems));
    const shown = [...readme.matchAll(/^\| `((?:platform|evidence)\/[a-z-]+)`\s*\| (\d{3})/gm)];
    expect(shown.map(([, code, status]) => [code, Number(status)])).toEqual(
      Object.entries(apiProblems).map(([code, { status }]) => [code, status]),
    );
  });

  test("reasons of a status", async () => {
    const union =
      /export type StatusReasonCode =([\s\S]*?);/.exec(await source("controls/control-status.ts"))?.[1] ?? "";
    const codes = [...union.matchAll(/\| "([^"]+)"/g)].map(([, code]) => code);
    expect(firstCells("Status of a control", 1).toSorted()).toEqual(codes.toSorted());
  });

  test("events", async () => {
    const files = (await readdir(folder, { recursive: true })).filter(
      (path) => path.endsWith(".ts") && !/\.test\.ts$|testing/.test(path),
    );
    const texts = await Promise.all(files.map((path) => source(path)));
    const emitted = texts.flatMap((text) =>
      [...text.matchAll(/"((?:platform|check|alert|incident|edge|backup|replica|audit|database)\.[a-z-]+)"/g)].map(
        ([, name]) => name,
      ),
    );
    // Read, not emitted: the gateway says when an upstream fails, a pool when it is full.
    const read = ["edge.upstream-failed", "database.overloaded"];
    const names = new Set(emitted.filter((name) => name === undefined || !read.includes(name)));
    expect(firstCells("Events it emits").toSorted()).toEqual([...names].toSorted());
  });
});
