import type { Check } from "../check.ts";
import { databaseOf, describeOutcome, outcomeOf } from "../database-session.ts";

/** As many as a pool has connections: each of them holds a proof of the session then. */
const CONNECTIONS = 10;
const WHO = "select holdfast.subject_id()::text as who";

export const endedSessionRows: Check = {
  id: "ended-session-rows",
  title: "A session that has ended is still somebody to row-level security, by a proof that a pooled connection holds.",
  kind: "attack",
  asvs: ["V7.4.1", "V8.4.1"],
  wstg: ["WSTG-SESS-06"],
  layers: ["database", "identity"],
  events: [],
  company: "together",
  sabotage: {
    name: "ends-are-not-recorded",
    sentence: "The database does not keep which sessions have ended.",
    hole: {
      kind: "sql",
      statements: () => [
        "create function holdfast_keeper.forget() returns trigger language plpgsql as $$ begin return null; end $$",
        "create trigger forget before insert on holdfast_keeper.ended_sessions for each row execute function holdfast_keeper.forget()",
      ],
    },
  },
  run: async (session) => {
    const { asSubject } = databaseOf(session);
    const victim = await session.victim();
    const ask = () =>
      Promise.all(Array.from({ length: CONNECTIONS }, () => outcomeOf(() => asSubject(victim.claims, WHO, []))));
    const isVictim = (outcome: Awaited<ReturnType<typeof ask>>[number]): boolean =>
      outcome.kind === "rows" && outcome.rows[0]?.["who"] === victim.id;
    session.require((await ask()).every(isVictim), "a live session is its person on every connection");
    const leave = { method: "POST", path: "/auth/v1/logout?scope=local", bearer: victim.accessToken };
    await session.positive("the person signs out", leave, 204);
    for (const outcome of await ask()) {
      session.judge({
        request: "a statement with the claims of a session that has ended",
        expected: "nobody, or a refusal",
        got: isVictim(outcome) ? "the person" : describeOutcome(outcome),
        held: !isVictim(outcome),
      });
    }
    return await session.conclude(
      `${CONNECTIONS} connections refused the proof they held as soon as the session had ended.`,
    );
  },
};
