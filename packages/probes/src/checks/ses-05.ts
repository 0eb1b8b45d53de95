import { sessionFrom } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { carelessRule } from "../sabotages.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

export const ses05: Check = {
  ...fromAttackList("SES-05"),
  title: "A spent refresh token can be used again, or its family survives the theft.",
  kind: "attack",
  layers: ["identity"],
  events: ["session.reuse-detected", "session.refresh-refused", "edge.token-refused"],
  company: "together",
  sabotage: carelessRule(
    "spent-tokens-refresh",
    "A spent refresh token is answered like a fresh one.",
    "mayReuse",
    () => true,
  ),
  run: async (session) => {
    const [victim, bob] = await Promise.all([session.victim(), session.people.bob()]);
    const wanted = "a refreshed session";
    const second = sessionFrom(await refresh(session, victim.refreshToken, bob.accessToken), session.redaction, wanted);
    const third = sessionFrom(await refresh(session, second.refreshToken, bob.accessToken), session.redaction, wanted);
    await session.positive(
      "the newest token works",
      { method: "GET", path: OWN_ACCOUNT, bearer: third.accessToken },
      200,
    );
    // Two rotations behind: no lost answer explains this one.
    const replay = await refresh(session, victim.refreshToken, bob.accessToken);
    session.judge({
      request: "use a refresh token that is two rotations old",
      expected: "refused with 400, event session.reuse-detected",
      got: String(replay.status),
      held: replay.status === 400,
      event: { name: "session.reuse-detected", correlation: replay.correlation },
    });
    const family = await refresh(session, third.refreshToken, bob.accessToken);
    session.judge({
      request: "use the newest refresh token of the stolen family",
      expected: "refused with 400",
      got: String(family.status),
      held: family.status === 400,
      event: { name: "session.refresh-refused", correlation: family.correlation },
    });
    await session.expectRefused(
      { method: "GET", path: OWN_ACCOUNT, bearer: third.accessToken },
      refusals.token,
      "the newest access token of the stolen family",
    );
    return await session.conclude("A spent refresh token ended its whole family.");
  },
};
