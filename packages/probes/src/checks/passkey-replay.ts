import type { Check } from "../check.ts";
import { askForPasskey, judgeRefusal, sendAssertion, victimWithPasskey } from "../passkeys.ts";
import { spentTokensRedeem } from "../sabotages.ts";

/** Parallel uses of one signature. */
const RACERS = 4;

export const passkeyReplay: Check = {
  id: "passkey-replay",
  title:
    "A passkey's signature signs in twice, one after the other or at the same moment, or for a challenge that is not ours.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.7.2"],
  wstg: ["WSTG-ATHN-11"],
  events: ["signin.failed"],
  company: "together",
  sabotage: spentTokensRedeem,
  run: async (session) => {
    // Without a counter, as synced passkeys are: only the challenge tells one signature from another.
    const { person, authenticator } = await victimWithPasskey(session, false);
    const asking = await askForPasskey(session, person);
    const signed = authenticator.get(asking.options);
    const race = await Promise.all(
      Array.from({ length: RACERS }, () => sendAssertion(session, person, asking, signed)),
    );
    const winners = race.filter(({ status }) => status === 200).length;
    session.judge({
      request: `one signature, ${RACERS} times at the same moment`,
      expected: "accepted once",
      got: `accepted ${winners} times`,
      held: winners <= 1,
    });
    session.require(winners > 0, "a fresh signature of a passkey signs in");
    judgeRefusal(session, "the signature of a moment ago", await sendAssertion(session, person, asking, signed));
    const fresh = await askForPasskey(session, person);
    judgeRefusal(
      session,
      "the signature of a moment ago, for another challenge",
      await sendAssertion(session, person, fresh, signed),
    );
    const invented = authenticator.get({ challenge: Buffer.alloc(32).toString("base64url") });
    judgeRefusal(
      session,
      "a signature of an invented challenge",
      await sendAssertion(session, person, fresh, invented),
    );
    return await session.conclude("A passkey's signature signed in once, and for our own challenge only.");
  },
};
