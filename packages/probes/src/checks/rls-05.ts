import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { databaseOf, describeOutcome, outcomeOf } from "../database-session.ts";
import type { RunAsSubject } from "../target.ts";

/** Requests of one tenant followed by nobody's, over as many connections as the pool cares to use. */
const ROUNDS = 40;
const WHO =
  "select holdfast.subject_id()::text as who, current_user as role, coalesce(nullif(current_setting('request.jwt.claims', true), ''), '') as claims";

export const rls05: Check = {
  ...fromAttackList("RLS-05"),
  title: "A pooled connection still carries the previous request's subject.",
  kind: "attack",
  layers: ["database", "api"],
  events: [],
  company: "together",
  sabotage: {
    name: "session-level-claims",
    sentence: "The application sets claims for the connection instead of the transaction.",
    hole: { kind: "pool", change: rememberClaims },
  },
  run: async (session) => {
    const { asSubject } = databaseOf(session);
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const positive = await asSubject(alice.claims, WHO, []);
    session.require(positive.rows[0]?.["who"] === alice.id, "a request runs as its own subject");
    const judge = async (
      what: string,
      claims: Readonly<Record<string, unknown>> | null,
      expected: string | null,
    ): Promise<void> => {
      const outcome = await outcomeOf(() => asSubject(claims, WHO, []));
      const who = outcome.kind === "rows" ? (outcome.rows[0]?.["who"] ?? null) : null;
      session.judge({
        request: what,
        expected: expected === null ? "nobody" : "the request's own subject",
        got:
          outcome.kind === "error"
            ? describeOutcome(outcome)
            : who === expected
              ? "as expected"
              : "the subject of another request",
        held: outcome.kind === "rows" ? who === expected : expected === null,
      });
    };
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all([
        asSubject(alice.claims, WHO, []),
        judge("a request without a subject, among others' requests", null, null),
        judge("a request of bob, among others' requests", bob.claims, bob.id),
      ]);
    }
    // A failed statement must leave nothing behind either.
    await outcomeOf(() => asSubject(alice.claims, "select 1 / (pg_catalog.random() * 0)::integer", []));
    await judge("a request without a subject, after a failed one", null, null);
    return await session.conclude(`${ROUNDS * 2 + 1} requests on pooled connections saw their own subject or none.`);
  },
};

/** A pool that forgets to forget: whoever comes without claims gets those of the one before. */
function rememberClaims(sound: RunAsSubject): RunAsSubject {
  let last: Readonly<Record<string, unknown>> | null = null;
  return (claims, text, values) => {
    last = claims ?? last;
    return sound(claims ?? last, text, values);
  };
}
