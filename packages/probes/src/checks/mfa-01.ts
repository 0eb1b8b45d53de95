import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";
import { guessPassword } from "../sign-in-attack.ts";

const LOCKED = 429;

export const mfa01: Check = {
  ...fromAttackList("MFA-01"),
  title: "A password can be guessed without end, also from changing addresses.",
  kind: "attack",
  layers: ["identity"],
  events: ["signin.failed", "signin.locked"],
  company: "alone",
  sabotage: carelessRule("never-locks-out", "No number of failures locks anything.", "isLockedOut", () => false),
  run: async (session) => {
    const victim = await session.victim();
    const { attempts } = session.policy.identity.lockout;
    for (let guess = 1; guess <= attempts; guess++) {
      // Another address each time where the machine has one to give, and always in the headers a careless server believes.
      const spoofed = { "x-forwarded-for": `203.0.113.${guess}`, forwarded: `for=203.0.113.${guess}` };
      const answer = await guessPassword(session, victim.email, `wrong guess number ${guess}`, {
        headers: spoofed,
        fromElsewhere: true,
      });
      session.judge({
        request: `guess ${guess} at an account, from 203.0.113.${guess} as it claims`,
        expected: "refused with 400 or 429, event signin.failed or signin.locked",
        got: `${answer.status} ${errorWord(answer)}`,
        held: answer.status === 400 || answer.status === LOCKED,
        ...(answer.status === 400
          ? { event: { name: "signin.failed" as const, correlation: answer.correlation } }
          : {}),
      });
    }
    const right = await guessPassword(session, victim.email, victim.password, { fromElsewhere: true });
    session.judge({
      request: `the right password after ${attempts} wrong ones`,
      expected: "refused with 429, event signin.locked",
      got: `${right.status} ${right.status < 400 ? "signed in" : errorWord(right)}`,
      held: right.status === LOCKED,
      event: { name: "signin.locked", correlation: right.correlation },
    });
    // CVE-2026-9798: a lock that one door knows and another does not.
    await session.expectRefused(
      {
        method: "PUT",
        path: "/auth/v1/user",
        bearer: victim.accessToken,
        headers: { "x-supabase-api-version": "2024-01-01" },
        body: { password: `probe ${randomUUID()}`, current_password: victim.password },
      },
      { status: LOCKED, event: "signin.locked" },
      "a thief with the session and the right password, at the door where it is changed",
    );
    return await session.conclude(
      `After ${attempts} guesses the account was locked, whatever address the guesser claimed.`,
    );
  },
};
