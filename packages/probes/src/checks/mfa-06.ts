import { enrolFactor, errorWord, type Factor, type Session, totpCode, verifyFactor } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";

const LOCKED = 429;
/** The next to last digit is enough to make a code wrong; 10 wrong codes exist for each right one. */
const DIGITS = 10;

export const mfa06: Check = {
  ...fromAttackList("MFA-06"),
  title: "One-time codes can be guessed without end, also across sessions.",
  kind: "attack",
  layers: ["identity"],
  events: ["factor.failed", "signin.locked"],
  company: "together",
  sabotage: carelessRule("never-locks-out", "No number of failures locks anything.", "isLockedOut", () => false),
  run: async (session) => {
    const person = await session.victim();
    const factor = await enrolFactor(session.client, person, session.redaction);
    const enrolled = await verifyFactor(session.client, person, factor, totpCode(factor, 0, person));
    session.require(enrolled.status === 200, "a factor can be enrolled");
    const sessions = [await session.accounts.signIn(person), await session.accounts.signIn(person)];
    const { attempts } = session.policy.identity.lockout;
    for (let guess = 0; guess < attempts; guess++) {
      const thief = sessions[guess % sessions.length] ?? person;
      const answer = await verifyFactor(session.client, thief, factor, wrongCode(factor, guess, person));
      session.judge({
        request: `code guess ${guess + 1}, in session ${(guess % sessions.length) + 1}`,
        expected: "refused with 422 or 429",
        got: `${answer.status} ${errorWord(answer)}`,
        held: answer.status === 422 || answer.status === LOCKED,
        ...(answer.status === 422
          ? { event: { name: "factor.failed" as const, correlation: answer.correlation } }
          : {}),
      });
    }
    const right = await verifyFactor(session.client, sessions[0] ?? person, factor, totpCode(factor, 1, person));
    session.judge({
      request: `the right code after ${attempts} wrong ones`,
      expected: "refused with 429, event signin.locked",
      got: `${right.status} ${right.status < 400 ? "accepted" : errorWord(right)}`,
      held: right.status === LOCKED,
      event: { name: "signin.locked", correlation: right.correlation },
    });
    return await session.conclude(
      `After ${attempts} wrong codes over two sessions not even the right one was accepted.`,
    );
  },
};

/** A code that is right at no step the server accepts. */
function wrongCode(factor: Factor, guess: number, clock: Pick<Session, "aheadMs">): string {
  const valid = new Set([-2, -1, 0, 1, 2].map((offset) => totpCode(factor, offset, clock)));
  for (let number = guess; ; number += DIGITS) {
    const code = String(number).padStart(6, "0");
    if (!valid.has(code)) return code;
  }
}
