import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  AUTHORIZE,
  asksForConsent,
  authorizePath,
  consentedCode,
  leadsTo,
  makePkce,
  oauthWord,
  openClient,
  type Parameters,
  redeem,
  tokensIn,
} from "../oauth-attack.ts";
import { carelessOAuthServer } from "../sabotages.ts";

const WITHOUT: readonly (readonly [string, Parameters])[] = [
  ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }],
  ["plain", { code_challenge_method: "plain" }],
  ["no method", { code_challenge_method: undefined }],
  ["a short challenge", { code_challenge: "x" }],
];

export const oau04: Check = {
  ...fromAttackList("OAU-04"),
  title: "A code is redeemed by whoever has it: without PKCE, with the method plain, or with another verifier.",
  kind: "attack",
  layers: ["identity"],
  events: ["grant.refused"],
  company: "together",
  sabotage: carelessOAuthServer,
  run: async (session) => {
    const client = await openClient(session);
    const alice = await session.people.alice();
    const pkce = makePkce();
    tokensIn(session, await redeem(session, client, await consentedCode(session, client, alice, pkce), pkce));
    for (const [name, more] of WITHOUT) {
      const answer = await session.ask({ method: "GET", path: authorizePath(client, pkce, more) });
      session.judge({
        request: `GET ${AUTHORIZE} with ${name}`,
        expected: "nobody is asked for consent, event grant.refused",
        got: leadsTo(answer),
        held: !asksForConsent(answer),
        event: { name: "grant.refused", correlation: answer.correlation },
      });
    }
    for (const [name, verifier] of [
      ["another verifier", makePkce().verifier],
      ["the challenge as verifier", pkce.challenge],
      ["no verifier", undefined],
    ] as const) {
      const code = await consentedCode(session, client, alice, pkce);
      const answer = await redeem(session, client, code, pkce, { code_verifier: verifier });
      session.judge({
        request: `a code with ${name}`,
        expected: "400 invalid_grant, event grant.refused",
        got: oauthWord(answer),
        held: answer.status === 400,
        event: { name: "grant.refused", correlation: answer.correlation },
      });
    }
    return await session.conclude("A code was worth nothing without the verifier of its S256 challenge.");
  },
};
