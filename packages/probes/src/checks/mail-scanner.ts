import type { Check } from "../check.ts";
import { fragmentOf, look, press, recoveryLink } from "../mail-attack.ts";
import { carelessMail } from "../sabotages.ts";

/** Programs that look at mail open every link, some of them more than once. */
const LOOKS = 3;

export const mailScanner: Check = {
  id: "mail-scanner",
  title: "A program that looks at mail spends a link, or is signed in by it.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.6.2"],
  wstg: ["WSTG-ATHN-09"],
  events: [],
  company: "together",
  sabotage: carelessMail,
  run: async (session) => {
    const { email } = await session.victim();
    const link = await recoveryLink(session, email);
    for (let looked = 1; looked <= LOOKS; looked += 1) {
      const answer = await look(session, link);
      const hasSession = /access_token|code=/.test(`${answer.headers.location ?? ""}${answer.text}`);
      session.judge({
        request: `open the link without pressing anything (${looked})`,
        expected: "a page without a session",
        got: hasSession ? "a session" : `${answer.status}`,
        held: answer.status === 200 && !hasSession,
      });
    }
    const pressed = await press(session, link);
    session.judge({
      request: "then press the button, as its owner",
      expected: "signed in",
      got: fragmentOf(pressed).get("error_code") ?? `${pressed.status}`,
      held: fragmentOf(pressed).has("access_token"),
    });
    return await session.conclude("Looking at a link changed nothing; its button worked afterwards.");
  },
};
