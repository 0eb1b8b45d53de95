import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { believesTokens } from "../sabotages.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

export const ses02: Check = {
  ...fromAttackList("SES-02"),
  title: "A token works after its session was signed out.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: ["edge.token-refused", "session.refresh-refused"],
  company: "together",
  sabotage: believesTokens,
  run: async (session) => {
    const victim = await session.victim();
    await session.positive(
      "the token works before sign-out",
      { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken },
      200,
    );
    await session.positive(
      "a session can be signed out",
      { method: "POST", path: "/auth/v1/logout?scope=local", bearer: victim.accessToken, body: {} },
      [200, 204],
    );
    await session.expectRefused(
      { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken },
      refusals.token,
      "signed out",
    );
    const bob = await session.people.bob();
    const answer = await refresh(session, victim.refreshToken, bob.accessToken);
    session.judge({
      request: "refresh a session that was signed out",
      expected: "refused with 400",
      got: String(answer.status),
      held: answer.status === 400,
      event: { name: "session.refresh-refused", correlation: answer.correlation },
    });
    return await session.conclude("After sign-out neither the access token nor the refresh token worked.");
  },
};
