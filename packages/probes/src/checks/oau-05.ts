import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import {
  AUTHORIZE,
  askForTokens,
  asksForConsent,
  authorizePath,
  consentedCode,
  leadsTo,
  makePkce,
  oauthWord,
  openClient,
  redeem,
  tokensIn,
} from "../oauth-attack.ts";

const TOKEN_TYPES = ["token", "id_token", "code token", "code id_token token"];
const OTHER_GRANTS = ["client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"];

export const oau05: Check = {
  ...fromAttackList("OAU-05"),
  title: "A client gets tokens by a person's password, in the browser's address, or for itself alone.",
  kind: "attack",
  layers: ["identity"],
  events: ["grant.refused"],
  company: "together",
  sabotage: {
    name: "takes-passwords-from-clients",
    sentence: "The token endpoint takes a person's password from a client.",
    hole: {
      kind: "twin",
      request: (request) =>
        request.path.startsWith("/auth/v1/oauth/token") && request.body.includes("grant_type=password")
          ? {
              kind: "answer",
              status: 200,
              headers: { "content-type": "application/json" },
              body: Buffer.from(JSON.stringify({ access_token: "given", token_type: "bearer", expires_in: 600 })),
            }
          : request,
    },
  },
  run: async (session) => {
    const client = await openClient(session);
    const alice = await session.people.alice();
    const pkce = makePkce();
    tokensIn(session, await redeem(session, client, await consentedCode(session, client, alice, pkce), pkce));
    const attempts = [
      { grant_type: "password", username: alice.email, password: alice.password },
      ...OTHER_GRANTS.map((grant_type) => ({ grant_type })),
    ];
    for (const fields of attempts) {
      const answer = await askForTokens(session, client, { scope: "openid", ...fields });
      session.judge({
        request: `POST /auth/v1/oauth/token with grant_type ${fields.grant_type}`,
        expected: "400 unsupported_grant_type, event grant.refused",
        got: oauthWord(answer),
        held: answer.status === 400,
        event: { name: "grant.refused", correlation: answer.correlation },
      });
    }
    for (const type of TOKEN_TYPES) {
      const answer = await session.ask({ method: "GET", path: authorizePath(client, pkce, { response_type: type }) });
      session.judge({
        request: `GET ${AUTHORIZE} with response_type ${type}`,
        expected: "nobody is asked for consent, event grant.refused",
        got: leadsTo(answer),
        held: !asksForConsent(answer),
        event: { name: "grant.refused", correlation: answer.correlation },
      });
    }
    return await session.conclude("There was no way to a token but a code that a person consented to.");
  },
};
