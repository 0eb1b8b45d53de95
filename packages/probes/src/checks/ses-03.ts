import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { believesTokens } from "../sabotages.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

export const ses03: Check = {
  ...fromAttackList("SES-03"),
  title: "A banned or deleted account keeps a live session.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: ["edge.token-refused", "session.refresh-refused"],
  company: "together",
  sabotage: believesTokens,
  run: async (session) => {
    const [banned, deleted, bob] = await Promise.all([session.victim(), session.victim(), session.people.bob()]);
    const { serviceKey } = session.target;
    for (const victim of [banned, deleted]) {
      await session.positive(
        "the token works before",
        { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken },
        200,
      );
    }
    await session.positive(
      "an account can be banned",
      { method: "PUT", path: `/auth/v1/admin/users/${banned.id}`, bearer: serviceKey, body: { ban_duration: "1h" } },
      200,
    );
    await session.accounts.remove(deleted.id);
    for (const [name, victim] of [
      ["banned", banned],
      ["deleted", deleted],
    ] as const) {
      await session.expectRefused(
        { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken },
        refusals.token,
        name,
      );
      const answer = await refresh(session, victim.refreshToken, bob.accessToken);
      session.judge({
        request: `refresh the session of a ${name} account`,
        expected: "refused with 400",
        got: String(answer.status),
        held: answer.status === 400,
        event: { name: "session.refresh-refused", correlation: answer.correlation },
      });
    }
    return await session.conclude("The sessions of a banned and of a deleted account ended at once.");
  },
};
