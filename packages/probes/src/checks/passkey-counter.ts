import type { Check } from "../check.ts";
import { judgeRefusal, passPasskey, victimWithPasskey } from "../passkeys.ts";
import { carelessPasskeys } from "../sabotages.ts";

const AHEAD = 100;

export const passkeyCounter: Check = {
  id: "passkey-counter",
  title: "A copied authenticator signs in: its signature counter stands still or goes back.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.3.3"],
  wstg: ["WSTG-ATHN-11"],
  events: ["signin.failed"],
  company: "together",
  sabotage: carelessPasskeys,
  run: async (session) => {
    const { person, authenticator } = await victimWithPasskey(session);
    const ahead = await passPasskey(session, person, authenticator, { signCount: AHEAD });
    session.require(ahead.status === 200, "a passkey whose counter has moved on signs in");
    for (const [what, signCount] of [
      ["stands still", AHEAD],
      ["went back", AHEAD - 1],
      ["was set to zero", 0],
    ] as const) {
      judgeRefusal(
        session,
        `a passkey whose counter ${what}`,
        await passPasskey(session, person, authenticator, { signCount }),
      );
    }
    const further = await passPasskey(session, person, authenticator, { signCount: AHEAD + 1 });
    session.require(further.status === 200, "the passkey itself still signs in");
    return await session.conclude("A passkey signed in only while its counter moved on.");
  },
};
