import { type Account, errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { spentTokensRedeem } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

/** Parallel uses of one fresh code. */
const RACERS = 4;
const PATH = "/auth/v1/factors/recovery-codes";

const redeem = (session: ProbeSession, person: Account, code: string) =>
  session.ask({ method: "POST", path: `${PATH}/verify`, bearer: person.accessToken, body: { code } });

export const recoveryCode: Check = {
  id: "recovery-code",
  title: "A recovery code works twice, one after the other or at the same moment.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.5.1"],
  wstg: ["WSTG-ATHN-11"],
  events: ["factor.failed"],
  company: "together",
  sabotage: spentTokensRedeem,
  run: async (session) => {
    const person = await session.victim();
    const { account: owner } = await session.accounts.withSecondFactor(person);
    const made = await session.positive(
      "recovery codes are made",
      { method: "POST", path: PATH, bearer: owner.accessToken, body: {} },
      200,
    );
    const { codes } = made.json as { codes: readonly string[] };
    for (const code of codes) session.redaction.hide(code, "recovery-code");
    const [used = "", raced = ""] = codes;
    const first = await redeem(session, await session.accounts.signIn(person), used);
    session.require(first.status === 200, "a fresh recovery code is accepted");
    const again = await session.accounts.signIn(person);
    const replay = await redeem(session, again, used);
    session.judge({
      request: "the recovery code of a moment ago, in another session",
      expected: "refused with 422, event factor.failed",
      got: `${replay.status} ${errorWord(replay)}`,
      held: replay.status === 422,
      event: { name: "factor.failed", correlation: replay.correlation },
    });
    const race = await Promise.all(Array.from({ length: RACERS }, () => redeem(session, again, raced)));
    const winners = race.filter(({ status }) => status === 200).length;
    session.judge({
      request: `one fresh recovery code, ${RACERS} times at the same moment`,
      expected: "accepted once",
      got: `accepted ${winners} times`,
      held: winners <= 1,
    });
    session.require(winners > 0, "a fresh recovery code is accepted in a second session");
    return await session.conclude("A recovery code worked once, also in a race.");
  },
};
