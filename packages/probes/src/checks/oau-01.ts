import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  AUTHORIZE,
  authorizePath,
  consentedCode,
  leadsTo,
  makePkce,
  openClient,
  REDIRECT_URI,
} from "../oauth-attack.ts";
import { carelessOAuthServer } from "../sabotages.ts";

const ELSEWHERE = [
  `${REDIRECT_URI}/`,
  `${REDIRECT_URI}/more`,
  `${REDIRECT_URI}?a=1`,
  `${REDIRECT_URI}#a`,
  REDIRECT_URI.replace("/back", ":444/back"),
  REDIRECT_URI.replace("/back", "/%62ack"),
  REDIRECT_URI.replace("/back", "/back/../other"),
  REDIRECT_URI.replace("https://", "https://client.probe.invalid@attacker.invalid/"),
  REDIRECT_URI.replace("probe.invalid", "probe.invalid.attacker.invalid"),
  REDIRECT_URI.replace("https:", "http:"),
  "https://attacker.invalid/back",
];

export const oau01: Check = {
  ...fromAttackList("OAU-01"),
  title: "A code is sent to an address that only resembles the one a client registered.",
  kind: "attack",
  layers: ["identity"],
  events: ["grant.refused"],
  company: "together",
  sabotage: carelessOAuthServer,
  run: async (session) => {
    const client = await openClient(session);
    const pkce = makePkce();
    await consentedCode(session, client, await session.people.alice(), pkce);
    for (const redirect of [...ELSEWHERE, undefined]) {
      const answer = await session.ask({
        method: "GET",
        path: authorizePath(client, pkce, { redirect_uri: redirect }),
      });
      session.judge({
        request: `GET ${AUTHORIZE} with redirect_uri ${redirect ?? "left out"}`,
        expected: "400, no redirect, event grant.refused",
        got: leadsTo(answer),
        held: answer.status === 400 && answer.headers.location === undefined,
        event: { name: "grant.refused", correlation: answer.correlation },
      });
    }
    return await session.conclude("Only the registered address, letter for letter, was redirected to.");
  },
};
