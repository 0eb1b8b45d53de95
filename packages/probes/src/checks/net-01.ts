import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { bringIdToken, makePerson, requireProvider } from "../provider-attack.ts";
import { carelessProviderSignIn } from "../sabotages.ts";

/** Why nothing was fetched: the word that the event says. */
const FAULTS = { inside: "address-inside", redirect: "redirect" } as const;

/** The one thing that a deployment fetches because somebody else says so is what a provider names (GHSA-5rr4-8452-hf4v). */
export const net01: Check = {
  ...fromAttackList("NET-01"),
  title:
    "A sign-in provider has the deployment connect to somewhere inside the network: by its keys' address, or by a redirect.",
  kind: "attack",
  layers: ["identity"],
  events: ["provider.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessProviderSignIn,
  run: async (session) => {
    const provider = requireProvider(session);
    const { subject: sub, email } = makePerson(session);
    const genuine = await bringIdToken(session, provider.name, await provider.idToken({ sub: "", email }));
    session.require(
      errorWord(genuine) === "bad_id_token",
      "the provider's own keys are fetched and its tokens are read",
    );
    for (const { name, issuer, fault } of provider.crooked) {
      if (fault !== "inside" && fault !== "redirect") continue;
      const before = provider.touches();
      const answer = await bringIdToken(session, name, await provider.idToken({ iss: issuer, sub, email }));
      const touched = provider.touches() - before;
      const event = await session.events.find({ correlation: answer.correlation }, "provider.refused");
      const isReason = event?.text.includes(`"${FAULTS[fault]}"`) ?? false;
      session.judge({
        request: `a provider whose keys lie ${fault === "inside" ? "inside the network" : "behind a redirect into it"}`,
        expected: `nothing is connected to, event provider.refused with the fault ${FAULTS[fault]}`,
        got: `${touched} connections, ${isReason ? "that fault" : "another fault or none"}`,
        held: touched === 0 && answer.status === 400 && isReason,
        event: { name: "provider.refused", correlation: answer.correlation },
      });
    }
    return await session.conclude("What a provider named inside the network was not connected to.");
  },
};
