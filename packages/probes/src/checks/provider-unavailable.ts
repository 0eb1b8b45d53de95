import { errorWord } from "../accounts.ts";
import type { Check } from "../check.ts";
import { accountOf, bringIdToken, goAway, makePerson, removeAfterwards, requireProvider } from "../provider-attack.ts";
import { carelessProviderSignIn } from "../sabotages.ts";

const FOUND = 302;

/** GHSA-8fpg-xm3f-6cx3: a provider whose configuration could not be read let everybody in. */
export const providerUnavailable: Check = {
  id: "provider-unavailable",
  title: "Somebody is signed in by a provider that cannot be asked, or whose document is another issuer's.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V10.5.3", "V16.5.3"],
  wstg: ["WSTG-ATHZ-05"],
  events: ["provider.refused"],
  company: "together",
  needs: "practice",
  sabotage: carelessProviderSignIn,
  run: async (session) => {
    const provider = requireProvider(session);
    await goAway(session, provider, makePerson(session));
    for (const { name, issuer, fault } of provider.crooked) {
      if (fault !== "silent" && fault !== "other") continue;
      const { subject: sub, email } = makePerson(session);
      const answer = await bringIdToken(
        session,
        name,
        await provider.idToken({ iss: issuer, sub, email, email_verified: true }),
      );
      const { access_token: token } = (answer.json ?? {}) as { readonly access_token?: string };
      if (token !== undefined) removeAfterwards(session, (await accountOf(session, token)).id);
      session.judge({
        request: `an ID token of a provider ${fault === "silent" ? "that answers 503" : "whose document names another issuer"}`,
        expected: "refused with 400, event provider.refused",
        got: answer.status === 200 ? "a session" : `${answer.status} ${errorWord(answer)}`,
        held: answer.status === 400,
        event: { name: "provider.refused", correlation: answer.correlation },
      });
      const away = await session.ask({
        method: "GET",
        path: `/auth/v1/authorize?provider=${encodeURIComponent(name)}`,
      });
      session.judge({
        request: `go to a provider ${fault === "silent" ? "that answers 503" : "whose document names another issuer"}`,
        expected: "nobody is sent there, event provider.refused",
        got: String(away.status),
        held: away.status !== FOUND && away.status < 500,
        event: { name: "provider.refused", correlation: away.correlation },
      });
    }
    return await session.conclude("Where a provider could not be asked, nobody was signed in.");
  },
};
