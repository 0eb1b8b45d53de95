import { randomUUID } from "node:crypto";
import { evaluate } from "@holdfast/policy";
import { plantCanaries, tableName } from "../canary-rows.ts";
import type { Check } from "../check.ts";
import {
  administratorConnection,
  databaseOf,
  describeOutcome,
  outcomeOf,
  quoteIdentifier,
} from "../database-session.ts";
import { ANONYMOUS } from "../people.ts";
import { ProbeError } from "../probe-error.ts";
import type { ProbeSession } from "../session.ts";
import type { TargetDatabase, TargetReplica } from "../target.ts";

/** Sessions that end, each followed by a read at once. */
const ROUNDS = 20;
/** Raised by the database for a session that has ended. */
const SESSION_ENDED = "28HF1";
const WHO = "select holdfast.subject_id()::text as who";

export const replicaReads: Check = {
  id: "replica-reads",
  title: "A replica shows rows that the policy hides, or data older than what was just written.",
  kind: "attack",
  layers: ["database"],
  asvs: ["V8.4.1", "V7.4.1"],
  wstg: ["WSTG-ATHZ-02"],
  events: [],
  company: "together",
  needs: "practice",
  sabotage: {
    name: "reads-without-marks",
    sentence: "Reads go to a replica without waiting for what was written before.",
    hole: { kind: "database", change: withoutMarks },
  },
  run: async (session) => {
    const { replica: open } = databaseOf(session);
    if (open === undefined) {
      throw new ProbeError(
        "probes/nothing-to-attack",
        "Expected a replica, found none.",
        "Give target.database.replica.",
      );
    }
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const replica = await open();
    session.afterwards(() => replica.close());
    await compareRows(session, replica, [alice, bob]);
    await endSessions(session, replica, alice.claims);
    return await session.conclude("A replica showed what the policy shows, and nothing older than what was written.");
  },
};

type Person = {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly subject: typeof ANONYMOUS.subject;
};

/** Everybody sees on the replica exactly the canaries that the policy shows them. */
async function compareRows(session: ProbeSession, replica: TargetReplica, people: readonly Person[]): Promise<void> {
  const { tables } = await plantCanaries(
    session,
    people.map(({ id }) => id),
  );
  const mark = await replica.mark();
  const now = Date.now();
  for (const [table, rows] of Object.entries(tables)) {
    const rule = session.policy.tables[table];
    if (rule === undefined || rows.length === 0) continue;
    const key = quoteIdentifier(rule.primaryKey);
    const keys = rows.map((row) => String(row[rule.primaryKey]));
    for (const { claims, subject, name } of [
      ...people.map((person, index) => ({ ...person, name: `tenant ${index + 1}` })),
      { claims: null, subject: ANONYMOUS.subject, name: "nobody" },
    ]) {
      const expected = rows.filter(
        (row) =>
          evaluate(session.policy, subject, { kind: "table", table, operation: "select" }, { row }, { now, tables })
            .allowed,
      ).length;
      const text = `select ${key} from ${tableName(rule)} where ${key}::text = any ($1)`;
      const outcome = await outcomeOf(() => replica.read(claims, text, [keys], mark));
      const seen = outcome.kind === "rows" ? outcome.rowCount : 0;
      session.judge({
        request: `as ${name}, read ${rows.length} rows of ${table} on a replica`,
        expected: `${expected} rows`,
        got: describeOutcome(outcome),
        held: seen === expected,
      });
    }
  }
}

/** A session that has ended is over on the replica too, in the very next request of whoever ended it. */
async function endSessions(
  session: ProbeSession,
  replica: TargetReplica,
  claims: Readonly<Record<string, unknown>>,
): Promise<void> {
  const administrator = await administratorConnection(session);
  const ended: string[] = [];
  session.afterwards(async () => {
    await administrator.query("delete from holdfast_keeper.ended_sessions where session_id = any ($1)", [ended]);
  });
  for (let round = 0; round < ROUNDS; round++) {
    const sessionId = randomUUID();
    const own = { ...claims, session_id: sessionId };
    const before = await replica.read(own, WHO, [], undefined);
    session.require(before.rows[0]?.["who"] === claims["sub"], "a session that has not ended reads on the replica");
    ended.push(sessionId);
    await administrator.query(
      "insert into holdfast_keeper.ended_sessions values ($1, now(), now() + interval '10 minutes')",
      [sessionId],
    );
    const mark = await replica.mark();
    const outcome = await outcomeOf(() => replica.read(own, WHO, [], mark));
    session.judge({
      request: "read on a replica right after the session has ended",
      expected: `refused with ${SESSION_ENDED}`,
      got: describeOutcome(outcome),
      held: outcome.kind === "error" && outcome.sqlstate === SESSION_ENDED,
    });
  }
}

function withoutMarks(sound: TargetDatabase): TargetDatabase {
  const { replica: open } = sound;
  if (open === undefined) return sound;
  return {
    ...sound,
    async replica() {
      const replica = await open();
      return { ...replica, read: (claims, text, values) => replica.readAtOnce(claims, text, values) };
    },
  };
}
