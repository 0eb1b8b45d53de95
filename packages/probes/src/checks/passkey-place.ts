import type { Check } from "../check.ts";
import { judgeRefusal, passPasskey, victimWithPasskey } from "../passkeys.ts";
import { carelessPasskeys } from "../sabotages.ts";

const ELSEWHERE = "passkeys.invalid";

export const passkeyPlace: Check = {
  id: "passkey-place",
  title:
    "A passkey that signed for another origin or another relying party signs in: what a phishing page could relay.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.3.3"],
  wstg: ["WSTG-ATHN-11"],
  events: ["signin.failed"],
  company: "together",
  sabotage: carelessPasskeys,
  run: async (session) => {
    const { person, authenticator } = await victimWithPasskey(session);
    const honest = await passPasskey(session, person, authenticator);
    session.require(honest.status === 200, "a passkey signs in at its own origin");
    const { protocol, hostname } = new URL(session.target.origin);
    const places = [
      ["another host, its origin and relying party", { origin: `https://${ELSEWHERE}`, relyingParty: ELSEWHERE }],
      ["another host's origin, our relying party", { origin: `https://${ELSEWHERE}` }],
      ["our origin, another relying party", { relyingParty: ELSEWHERE }],
      ["another port of our host", { origin: `${protocol}//${hostname}:4` }],
    ] as const;
    for (const [what, lies] of places) {
      judgeRefusal(
        session,
        `a passkey's signature for ${what}`,
        await passPasskey(session, person, authenticator, lies),
      );
    }
    return await session.conclude("A passkey signed in at the policy's own origin only.");
  },
};
