import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { attackerKey, signedBy, takeApart } from "../forged-token.ts";
import { refusals } from "../refusals.ts";
import { believesTokens } from "../sabotages.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

export const jwt08: Check = {
  ...fromAttackList("JWT-08"),
  title: "A refresh token or a token of another type is accepted as an access token, or the other way round.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.token-refused"],
  company: "together",
  sabotage: believesTokens,
  run: async (session) => {
    const alice = await session.people.alice();
    await session.positive(
      "a real access token is accepted",
      { method: "GET", path: OWN_ACCOUNT, bearer: alice.accessToken },
      200,
    );
    const { header, payload } = takeApart(alice.accessToken);
    const key = attackerKey();
    const tokens: [string, string][] = [
      ["a refresh token as access token", alice.refreshToken],
      ["typ ID", signedBy(key, { ...header, typ: "ID" }, payload)],
      ["typ logout+jwt", signedBy(key, { ...header, typ: "logout+jwt" }, payload)],
    ];
    for (const [name, token] of tokens) {
      await session.expectRefused({ method: "GET", path: OWN_ACCOUNT, bearer: token }, refusals.token, name);
    }
    const answer = await refresh(session, alice.accessToken, alice.accessToken);
    session.judge({
      request: "POST /auth/v1/token?grant_type=refresh_token with an access token as refresh token",
      expected: "refused with 400",
      got: String(answer.status),
      held: answer.status === 400,
    });
    return await session.conclude("No token was accepted in another's place.");
  },
};
