import type { Check } from "../check.ts";
import { judgeRefusal, passPasskey, victimWithPasskey } from "../passkeys.ts";
import { carelessPasskeys } from "../sabotages.ts";

export const passkeyPerson: Check = {
  id: "passkey-person",
  title: "A passkey signs in although its authenticator did not verify the person: who finds the key is in.",
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
    session.require(honest.status === 200, "a passkey that verified the person signs in");
    const lies = { userVerified: false };
    judgeRefusal(session, "a passkey that was only touched", await passPasskey(session, person, authenticator, lies));
    return await session.conclude("A passkey signed in only after its authenticator had verified the person.");
  },
};
