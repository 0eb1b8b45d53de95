import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { ProbeError } from "../probe-error.ts";
import { carelessRule } from "../sabotages.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

/** Five characters of a SHA-1 and nothing else (k-anonymity). */
const RANGE = /^\/range\/[0-9A-F]{5}$/u;

export const breachedPassword: Check = {
  id: "breached-password",
  title:
    "A leaked password is accepted, also while nobody can say whether it was leaked, or its hash is told to who is asked.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.2.12", "V16.5.3"],
  wstg: ["WSTG-ATHN-07"],
  events: ["password.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessRule(
    "accepts-breached-passwords",
    "A password is accepted whatever is known of it.",
    "breachVerdict",
    () => "accept",
  ),
  run: async (session) => {
    const breaches = session.target.practiceBreaches;
    if (breaches === undefined || session.policy.identity.password.breached !== "refuse") {
      throw new ProbeError(
        "probes/nothing-to-attack",
        "No service of the prover's that knows leaked passwords, or a policy that allows them.",
        "The proving ground has one; there the same code is attacked.",
      );
    }
    const victim = await session.victim();
    const change = (password: string) => {
      session.redaction.hide(password, "password");
      return {
        method: "PUT",
        path: OWN_ACCOUNT,
        bearer: victim.accessToken,
        headers: { "x-supabase-api-version": "2024-01-01" },
        body: { password, current_password: victim.password },
      };
    };
    for (const [as, status, word] of [
      ["leaked", 422, "weak_password"],
      ["silent", 503, "password_check_unavailable"],
      ["garbled", 503, "password_check_unavailable"],
    ] as const) {
      const password = `known to somebody ${randomUUID()}`;
      breaches.hold(password, as);
      const answer = await session.ask(change(password));
      session.judge({
        request: `a change to a password that is ${as === "leaked" ? "known to be leaked" : `asked about in vain (${as})`}`,
        expected: `refused with ${status} ${word}, event password.refused`,
        got: `${answer.status} ${answer.status < 400 ? "accepted" : errorWord(answer)}`,
        held: answer.status === status && errorWord(answer) === word,
        event: { name: "password.refused", correlation: answer.correlation },
      });
      if (answer.status < 400) break;
    }
    const told = breaches.asked().filter((path) => !RANGE.test(path));
    session.judge({
      request: `read the ${breaches.asked().length} questions that were asked about passwords`,
      expected: "five characters of a hash each",
      got: told.length === 0 ? "five characters each" : `${told.length} that told more`,
      held: told.length === 0 && breaches.asked().length > 0,
    });
    const unknown = `known to nobody ${randomUUID()}`;
    await session.positive("a password that nobody knows is accepted", change(unknown), 200);
    return await session.conclude("Leaked passwords were refused, and so was every one that nobody could judge.");
  },
};
