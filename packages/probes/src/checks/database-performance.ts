import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Check } from "../check.ts";
import { administratorConnection, databaseOf, stolenConnection } from "../database-session.ts";
import type { ProbeSession } from "../session.ts";

interface Node {
  readonly pid: number;
  readonly session?: { readonly login: string | null; readonly text: string; readonly lockWaitMs: number | null };
  readonly blocks: readonly Node[];
}

interface Report {
  readonly now: number;
  readonly watch: { readonly activity: { readonly blocking: readonly Node[] } } | null;
  readonly study: {
    readonly at: number;
    readonly statements: readonly { readonly role: string; readonly text: string; readonly maxMs: number }[];
  } | null;
}

/** Slow enough to stand among the longest whatever else was counted. */
const SLOW_MS = 400;
const METRIC = /^holdfast_database_statement_seconds\{role="anon"\} [0-9.]+$/m;
const LOCK_MAX = 2 ** 31 - 1;
/** Looks are answered from what is known for a second. */
const POLL_MS = 250;
const POLLS_MAX = 20;

export const databasePerformance: Check = {
  id: "database-performance",
  title: "A slow statement or a session that is held up goes unseen, or what shows them gives away a value.",
  kind: "observe",
  layers: ["database", "monitoring"],
  asvs: ["V16.2.5", "V13.1.3"],
  wstg: ["WSTG-CONF-02"],
  events: [],
  company: "together",
  sabotage: {
    name: "statements-uncounted",
    sentence: "Statements are not counted: the extension that does is gone.",
    hole: { kind: "sql", statements: () => ["drop extension pg_stat_statements"] },
  },
  run: async (session) => {
    const canary = `canary${randomUUID().replaceAll("-", "")}`;
    await findSlowStatement(session, canary);
    await findHeldUp(session, canary);
    const metrics = await session.positive(
      "the metrics can be read",
      { method: "GET", path: "/metrics", bearer: session.target.serviceKey },
      200,
    );
    session.judge({
      request: "read the metrics after it",
      expected: "the time of statements by role",
      got: METRIC.test(metrics.text) ? "it is there" : "it is not there",
      held: METRIC.test(metrics.text),
    });
    judgeCanary(session, "the metrics", metrics.text, canary);
    const events = await session.positive(
      "the newest events can be read",
      { method: "GET", path: "/platform/v1/events?limit=200", bearer: session.target.serviceKey },
      200,
    );
    judgeCanary(session, "the newest events", events.text, canary);
    return await session.conclude(
      "A slow statement was seen with its role, a session that was held up with who held it up, and no value of either.",
    );
  },
};

async function lookedAt(session: ProbeSession): Promise<{ readonly report: Report; readonly text: string }> {
  const { json, text } = await session.positive(
    "the database's performance can be read",
    { method: "GET", path: "/platform/v1/performance", bearer: session.target.serviceKey },
    200,
  );
  return { report: json as Report, text };
}

/** As somebody without an account, with a value in the text of the statement itself. */
async function findSlowStatement(session: ProbeSession, canary: string): Promise<void> {
  const name = `probe_${canary.slice(-12)}`;
  await databaseOf(session).asSubject(
    null,
    `select pg_catalog.pg_sleep(${SLOW_MS / 1_000}) as ${name}, '${canary}'`,
    [],
  );
  let seen: NonNullable<Report["study"]>["statements"][number] | undefined;
  let ranBefore: number | undefined;
  for (let poll = 0; poll < STUDY_POLLS_MAX && seen === undefined; poll += 1) {
    if (poll > 0) await wait(STUDY_POLL_MS);
    const { report, text } = await lookedAt(session);
    judgeCanary(session, "the database's performance", text, canary);
    seen = report.study?.statements.find((statement) => statement.text.includes(name));
    ranBefore ??= report.now;
    // Looked at after it ran: another look would show no more.
    if (report.study !== null && report.study.at > ranBefore) break;
  }
  session.judge({
    request: `run a statement of ${SLOW_MS} ms as nobody, and look at the database's performance`,
    expected: "the statement, with the role anon and its time",
    got: seen === undefined ? "it was not seen" : `${seen.role}, ${Math.round(seen.maxMs)} ms`,
    held: seen?.role === "anon" && seen.maxMs >= SLOW_MS * 0.9,
  });
}

/** What is told of statements is five seconds old at most. */
const STUDY_POLL_MS = 1_000;
const STUDY_POLLS_MAX = 8;

/** A lock of nobody's, for a moment. */
async function findHeldUp(session: ProbeSession, canary: string): Promise<void> {
  const lock = randomInt(1, LOCK_MAX);
  const [holder, waiter] = [await administratorConnection(session), await stolenConnection(session)];
  await holder.query("select pg_catalog.pg_advisory_lock($1)", [lock]);
  const waiting = waiter.query(`select pg_catalog.pg_advisory_lock(${lock}), '${canary}'`);
  let found: Node | undefined;
  try {
    for (let poll = 0; poll < POLLS_MAX && found === undefined; poll += 1) {
      if (poll > 0) await wait(POLL_MS);
      const { report, text } = await lookedAt(session);
      judgeCanary(session, "the database's performance", text, canary);
      found = report.watch?.activity.blocking.find(({ blocks }) =>
        blocks.some((below) => below.session?.login === "holdfast_api" && below.session.lockWaitMs !== null),
      );
    }
  } finally {
    await holder.query("select pg_catalog.pg_advisory_unlock($1)", [lock]);
    await waiting;
    await waiter.query("select pg_catalog.pg_advisory_unlock_all()");
  }
  session.judge({
    request: "hold a lock that a session of the application waits for, and look at the database's performance",
    expected: "the one who holds it, and below it the one who waits",
    got:
      found === undefined ? "nobody was seen waiting" : `${found.session?.login ?? "somebody"} holds up holdfast_api`,
    held: found !== undefined,
  });
}

function judgeCanary(session: ProbeSession, where: string, text: string, canary: string): void {
  session.judge({
    request: `look for the value in ${where}`,
    expected: "not there",
    got: text.includes(canary) ? "the value of a statement" : "not there",
    held: !text.includes(canary),
  });
}
