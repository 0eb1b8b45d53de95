import { enrolFactor, errorWord, totpCode, verifyFactor } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";

/** The hole: a code is spent only when one of this many steps later was used. */
const STEPS_AHEAD = 1_000_000;
/** Parallel uses of one fresh code. */
const RACERS = 4;

export const mfa05: Check = {
  ...fromAttackList("MFA-05"),
  title: "A one-time code works twice, one after the other or at the same moment.",
  kind: "attack",
  layers: ["identity"],
  events: ["factor.failed"],
  company: "together",
  sabotage: carelessRule(
    "codes-work-twice",
    "A spent one-time code is accepted again.",
    "spentStepBound",
    (step: number) => step + STEPS_AHEAD,
  ),
  run: async (session) => {
    const person = await session.victim();
    const factor = await enrolFactor(session.client, person, session.redaction);
    const code = totpCode(factor, 0, person);
    const first = await verifyFactor(session.client, person, factor, code);
    session.require(first.status === 200, "a fresh code is accepted");
    const again = await session.accounts.signIn(person);
    const replay = await verifyFactor(session.client, again, factor, code);
    session.judge({
      request: "the code of a moment ago, in another session",
      expected: "refused with 422, event factor.failed",
      got: `${replay.status} ${errorWord(replay)}`,
      held: replay.status === 422,
      event: { name: "factor.failed", correlation: replay.correlation },
    });
    // One step ahead: fresh for the factor, and within the skew that servers accept (RFC 6238 §5.2).
    const fresh = totpCode(factor, 1, person);
    const race = await Promise.all(
      Array.from({ length: RACERS }, () => verifyFactor(session.client, again, factor, fresh)),
    );
    const winners = race.filter(({ status }) => status === 200).length;
    session.judge({
      request: `one fresh code, ${RACERS} times at the same moment`,
      expected: "accepted once",
      got: `accepted ${winners} times`,
      held: winners <= 1,
    });
    session.require(winners > 0, "a fresh code is accepted in a second session");
    return await session.conclude("A one-time code worked once, also in a race.");
  },
};
