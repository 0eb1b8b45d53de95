import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { enrolKey, proveKey } from "../passkeys.ts";
import { carelessPasskeys } from "../sabotages.ts";
import { SoftwareAuthenticator } from "../software-authenticator.ts";

export const foreignKey: Check = {
  id: "foreign-key",
  title: "Somebody passes another person's second factor with a security key of their own.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V6.3.3"],
  wstg: ["WSTG-ATHN-11"],
  events: ["factor.failed"],
  company: "together",
  sabotage: carelessPasskeys,
  run: async (session) => {
    const [owner, thief] = [await session.victim(), await session.victim()];
    const key = new SoftwareAuthenticator(session.target.origin, true);
    const stolen = new SoftwareAuthenticator(session.target.origin, true);
    const factorId = await enrolKey(session, owner);
    const first = await proveKey(session, owner, factorId, key);
    session.require(first.status === 200, "a security key is enrolled");
    const own = await proveKey(session, thief, await enrolKey(session, thief), stolen);
    session.require(own.status === 200, "another person's security key is enrolled");
    // Whoever knows the owner's password is here.
    const half = await session.accounts.signIn(owner);
    const answer = await proveKey(session, half, factorId, stolen);
    session.judge({
      request: "the owner's second factor, answered with the thief's security key",
      expected: "refused with 422, event factor.failed",
      got: `${answer.status} ${answer.status < 400 ? "accepted" : errorWord(answer)}`,
      held: answer.status === 422,
      event: { name: "factor.failed", correlation: answer.correlation },
    });
    const honest = await proveKey(session, half, factorId, key);
    session.require(honest.status === 200, "the owner's own key passes");
    return await session.conclude("A second factor was passed with the account's own security key only.");
  },
};
