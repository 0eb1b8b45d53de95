import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import type { Answer } from "../edge-client.ts";
import { recoveryDigits } from "../mail-attack.ts";
import { carelessMail } from "../sabotages.ts";

/** NIST SP 800-63B-4 §3.2.2 would allow a hundred; six digits last for five. */
const GUESSES = 5;
const DIGITS = 6;

export const mailedCode: Check = {
  id: "mailed-code",
  title: "The digits that were mailed to somebody can be guessed: the right ones still count after many wrong ones.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.6.3"],
  wstg: ["WSTG-ATHN-03"],
  events: ["signin.failed"],
  company: "together",
  sabotage: carelessMail,
  run: async (session) => {
    const [owner, victim] = [await session.victim(), await session.victim()];
    const verify = async (email: string, token: string): Promise<Answer> => {
      const bearer = victim.accessToken;
      const headers = { "x-supabase-api-version": "2024-01-01" };
      const body = { type: "recovery", email, token };
      const answer = await session.ask({ method: "POST", path: "/auth/v1/verify", bearer, headers, body });
      for (const name of ["access_token", "refresh_token"]) {
        const given = (answer.json as Record<string, unknown> | undefined)?.[name];
        if (typeof given === "string") session.redaction.hide(given, name.replace("_", "-"));
      }
      return answer;
    };
    const accepted = await verify(owner.email, await recoveryDigits(session, owner.email));
    session.require(accepted.status === 200, `the right digits sign in at once (${errorWord(accepted)})`);
    const code = await recoveryDigits(session, victim.email);
    const wrong = Array.from({ length: GUESSES }, (_, guess) =>
      String((Number(code) + guess + 1) % 10 ** DIGITS).padStart(DIGITS, "0"),
    );
    for (const [index, digits] of [...wrong, code].entries()) {
      const answer = await verify(victim.email, digits);
      session.judge({
        request:
          index === GUESSES ? `the right digits after ${GUESSES} wrong ones` : `guess ${index + 1} at the digits`,
        expected: "refused with 403 otp_expired, event signin.failed",
        got: `${answer.status} ${answer.status < 400 ? "signed in" : errorWord(answer)}`,
        held: answer.status === 403 && errorWord(answer) === "otp_expired",
        event: { name: "signin.failed", correlation: answer.correlation },
      });
    }
    return await session.conclude(`After ${GUESSES} wrong guesses the digits were worth nothing.`);
  },
};
