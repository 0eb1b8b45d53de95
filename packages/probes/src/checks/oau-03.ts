import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { askForTokens, consentedCode, makePkce, oauthWord, openClient, redeem, tokensIn } from "../oauth-attack.ts";
import { spentTokensRedeem } from "../sabotages.ts";

/** Parallel uses of one fresh code. */
const RACERS = 6;
/** Longer than a code may live (ASVS 5.0 V10.4.3: a minute at its third level), and shorter than the run's own sessions. */
const LATE_MS = 90_000;

export const oau03: Check = {
  ...fromAttackList("OAU-03"),
  title: "An authorization code works twice, or after its time, and what it gave lives on.",
  kind: "attack",
  layers: ["identity"],
  events: ["grant.replayed"],
  company: "alone",
  sabotage: spentTokensRedeem,
  run: async (session) => {
    const client = await openClient(session);
    const alice = await session.people.alice();
    const pkce = makePkce();
    const code = await consentedCode(session, client, alice, pkce);
    const { refresh } = tokensIn(session, await redeem(session, client, code, pkce));
    const replay = await redeem(session, client, code, pkce);
    session.judge({
      request: "the code of a moment ago, once more",
      expected: "400 invalid_grant, event grant.replayed",
      got: oauthWord(replay),
      held: replay.status === 400,
      event: { name: "grant.replayed", correlation: replay.correlation },
    });
    const after = await askForTokens(session, client, { grant_type: "refresh_token", refresh_token: refresh });
    session.judge({
      request: "the refresh token that the code gave the first time",
      expected: "400 invalid_grant: it ended with the second use",
      got: oauthWord(after),
      held: after.status === 400,
    });
    const fresh = await consentedCode(session, client, alice, pkce);
    const race = await Promise.all(Array.from({ length: RACERS }, () => redeem(session, client, fresh, pkce)));
    const winners = race.filter(({ status }) => status === 200).length;
    session.judge({
      request: `one fresh code, ${RACERS} times at the same moment`,
      expected: "redeemed once at most",
      got: `redeemed ${winners} times`,
      held: winners <= 1,
    });
    if (session.target.clock !== undefined) {
      const late = await consentedCode(session, client, alice, pkce);
      await session.target.clock.advance(LATE_MS);
      const answer = await redeem(session, client, late, pkce);
      session.judge({
        request: "a code that was never used, a minute and a half later",
        expected: "400 invalid_grant",
        got: oauthWord(answer),
        held: answer.status === 400,
      });
    }
    return await session.conclude("A code worked once, in its time, and its second use ended what it had given.");
  },
};
