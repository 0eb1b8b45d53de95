import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { askForTokens, consentedCode, makePkce, oauthWord, openClient, redeem, tokensIn } from "../oauth-attack.ts";
import { carelessOAuthServer } from "../sabotages.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

const WIDER = ["openid email profile", "openid email phone offline_access", "admin", "openid email service_role"];

export const oau08: Check = {
  ...fromAttackList("OAU-08"),
  title: "A client widens what it was granted at a refresh, or acts as the person where its scope says nothing of it.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: ["grant.refused"],
  company: "together",
  sabotage: carelessOAuthServer,
  run: async (session) => {
    const client = await openClient(session);
    const alice = await session.people.alice();
    const pkce = makePkce();
    const code = await consentedCode(session, client, alice, pkce, { scope: "openid email" });
    let tokens = tokensIn(session, await redeem(session, client, code, pkce));
    await session.positive(
      "the client reads who the person is",
      { method: "GET", path: "/auth/v1/oauth/userinfo", bearer: tokens.access },
      200,
    );
    for (const scope of WIDER) {
      const answer = await askForTokens(session, client, {
        grant_type: "refresh_token",
        refresh_token: tokens.refresh,
        scope,
      });
      session.judge({
        request: `a refresh that asks for "${scope}"`,
        expected: "400 invalid_scope, event grant.refused",
        got: oauthWord(answer),
        held: answer.status === 400,
        event: { name: "grant.refused", correlation: answer.correlation },
      });
      if (answer.status === 200) tokens = tokensIn(session, answer);
    }
    await judgeAsPerson(session, tokens.access);
    return await session.conclude("A client got no more than it was granted, and was the person nowhere.");
  },
};

/** The client's token at the person's own account, at what the policy keeps for people, and as the key to more. */
async function judgeAsPerson(session: Parameters<Check["run"]>[0], bearer: string): Promise<void> {
  const attempts = [
    { method: "GET", path: OWN_ACCOUNT },
    { method: "PUT", path: OWN_ACCOUNT, body: { data: { probe: 1 } } },
    { method: "POST", path: "/auth/v1/factors", body: { factor_type: "totp" } },
    { method: "GET", path: "/auth/v1/user/oauth/grants" },
    { method: "GET", path: "/auth/v1/admin/users" },
    ...Object.values(session.policy.services)
      .filter(({ kind }) => kind === "application")
      .flatMap(({ routes }) => Object.values(routes))
      .filter(({ method, path, allow }) => method === "GET" && !path.includes(":") && allow.kind !== "anyone")
      .slice(0, 3)
      .map(({ method, path }) => ({ method, path })),
  ];
  for (const asked of attempts) {
    const answer = await session.ask({ ...asked, bearer });
    session.judge({
      request: `${asked.method} ${asked.path} with the client's token`,
      expected: "refused with 401 or 403",
      got: String(answer.status),
      held: answer.status === 401 || answer.status === 403,
    });
  }
}
