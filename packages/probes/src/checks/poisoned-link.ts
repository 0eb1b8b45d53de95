import type { Check } from "../check.ts";
import { recoveryLink } from "../mail-attack.ts";
import { carelessMail } from "../sabotages.ts";

const EVIL = "evil.example";
/** Fields in which somebody behind a careless proxy says which host they asked for. */
const POISON: readonly Readonly<Record<string, string>>[] = [
  { "x-forwarded-host": EVIL },
  { forwarded: `host=${EVIL};proto=https` },
  { "x-host": EVIL, "x-original-host": EVIL, "x-forwarded-server": EVIL },
  { referer: `https://${EVIL}/`, "x-http-host-override": EVIL },
];

/** GHSA-3529-5m8x-rpv3: whoever asked for somebody's mail chose the host of its link. */
export const poisonedLink: Check = {
  id: "poisoned-link",
  title: "Whoever asks for a mail to somebody chooses by a header where its link leads.",
  kind: "attack",
  layers: ["identity", "edge"],
  asvs: ["V6.4.3", "V4.1.3"],
  wstg: ["WSTG-INPV-17"],
  events: [],
  company: "together",
  sabotage: carelessMail,
  run: async (session) => {
    const { origin } = new URL(session.target.origin);
    for (const headers of POISON) {
      const { email } = await session.victim();
      const link = await recoveryLink(session, email, { headers });
      session.judge({
        request: `ask for a link with ${Object.keys(headers).join(", ")}: ${EVIL}`,
        expected: `a link to ${origin}`,
        got: `a link to ${link.origin}`,
        held: link.origin === origin && !link.href.includes(EVIL),
      });
    }
    return await session.conclude("Every link began with our own origin, whatever the headers claimed.");
  },
};
