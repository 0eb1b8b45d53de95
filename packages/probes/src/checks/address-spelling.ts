import { randomUUID } from "node:crypto";
import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { mailedLink } from "../mail-attack.ts";
import { carelessMail } from "../sabotages.ts";

const DOORS = ["/auth/v1/signup", "/auth/v1/recover", "/auth/v1/otp"] as const;
const EVIL = "thief@attacker.invalid";
/** Letters of ASCII in the forms of full width, which compatibility normalisation makes the same (Unicode UAX #15). */
const fullWidth = (text: string): string =>
  text.replace(/[!-~]/gu, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0));

/** GHSA-7rqj-j65f-68wh: an address was looked at before it was normalised, and became two, or another one, afterwards. */
export const addressSpelling: Check = {
  id: "address-spelling",
  title: "An address that is one when it is looked at becomes two, or another's, when it is normalised.",
  kind: "attack",
  layers: ["identity", "edge"],
  asvs: ["V1.1.1", "V6.4.3"],
  wstg: ["WSTG-IDNT-04"],
  events: [],
  company: "together",
  sabotage: carelessMail,
  run: async (session) => {
    const victim = await session.victim();
    const asked = (email: string) => ({
      method: "POST",
      path: "/auth/v1/recover",
      bearer: victim.accessToken,
      body: { email },
    });
    await session.positive(
      "the owner's address in another spelling",
      asked(fullWidth(victim.email).toUpperCase()),
      200,
    );
    await mailedLink(session, victim.email, "recover");
    const forms = [
      ["a comma of full width", `${victim.email}\u{ff0c}${EVIL}`],
      ["a semicolon of full width", `${EVIL}\u{ff1b}${victim.email}`],
      ["a space of full width", `${victim.email}\u{3000}${EVIL}`],
      ["a line break", `${victim.email}\u{2028}bcc:${EVIL}`],
      ["a letter of another script", victim.email.replace("probe", "pr\u{43e}be")],
      ["a letter without width", victim.email.replace("@", "\u{200b}@")],
    ] as const;
    for (const path of DOORS) {
      for (const [what, email] of forms) {
        const body = { email, password: `long enough ${randomUUID()}`, create_user: false };
        const answer = await session.ask({ method: "POST", path, bearer: victim.accessToken, body });
        session.judge({
          request: `POST ${path}: ${what} in the address`,
          expected: "refused with 400 or 422",
          got: `${answer.status} ${answer.status < 400 ? "accepted" : errorWord(answer)}`,
          held: answer.status === 400 || answer.status === 422,
        });
      }
    }
    return await session.conclude("An address was normalised before it was looked at, and was one or none.");
  },
};
