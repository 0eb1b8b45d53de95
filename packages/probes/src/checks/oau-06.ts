import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  accountOf,
  CALLBACK,
  comeBack,
  goAway,
  makePerson,
  removeAfterwards,
  requireProvider,
  tokenIn,
} from "../provider-attack.ts";
import { carelessProviderSignIn } from "../sabotages.ts";

export const oau06: Check = {
  ...fromAttackList("OAU-06"),
  title:
    "Somebody else's account opens to whoever says its address at a provider, or swaps one provider's answer for another's.",
  kind: "attack",
  layers: ["identity"],
  events: ["provider.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessProviderSignIn,
  run: async (session) => {
    const provider = requireProvider(session);
    const victim = await session.victim();
    const honest = makePerson(session);
    const first = tokenIn(session, await comeBack(session, await goAway(session, provider, honest)));
    session.require(first !== null, "somebody with a verified address is signed in");
    removeAfterwards(session, (await accountOf(session, first ?? "")).id);

    const thief = makePerson(session, { email: victim.email, isEmailVerified: false });
    const answer = await comeBack(session, await goAway(session, provider, thief));
    const token = tokenIn(session, answer);
    const opened = token === null ? null : await accountOf(session, token);
    if (opened !== null && opened.id !== victim.id) removeAfterwards(session, opened.id);
    session.judge({
      request: "a sign-in at the provider with the victim's address, which the provider has not verified",
      expected: "another account, without the address, or none",
      got:
        opened === null
          ? "no session"
          : opened.id === victim.id
            ? "the victim's account"
            : `another account, ${opened.email === "" ? "without an address" : "with the address"}`,
      held: opened === null || (opened.id !== victim.id && opened.email === ""),
    });

    const away = await goAway(session, provider, makePerson(session));
    const foreign = new URL(away.back, session.target.origin);
    foreign.searchParams.set("iss", "https://attacker.invalid");
    const mixed = await comeBack(session, { ...away, back: foreign.pathname + foreign.search });
    session.judge({
      request: `GET ${CALLBACK} with another issuer's name (RFC 9207)`,
      expected: "no session, event provider.refused",
      got: tokenIn(session, mixed) === null ? "no session" : "a session",
      held: tokenIn(session, mixed) === null,
      event: { name: "provider.refused", correlation: mixed.correlation },
    });
    return await session.conclude(
      "An address that nobody verified opened nothing, and no answer passed for another's.",
    );
  },
};
