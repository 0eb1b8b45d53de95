import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";
import { OWN_ACCOUNT, refresh } from "../token-attack.ts";

/** Tabs that wake up at once. */
const TABS = 4;

export const parallelRefresh: Check = {
  id: "parallel-refresh",
  title: "Refreshing at the same moment in several tabs signs somebody out, or makes two families of one session.",
  kind: "attack",
  asvs: ["V10.4.5"],
  wstg: ["WSTG-SESS-09"],
  layers: ["identity", "edge"],
  events: [],
  company: "together",
  sabotage: carelessRule(
    "reuse-is-never-forgiven",
    "A refresh token that another tab has just spent ends the session.",
    "mayReuse",
    () => false,
  ),
  run: async (session) => {
    const bob = await session.people.bob();
    const victim = await session.victim();
    const answers = await Promise.all(
      Array.from({ length: TABS }, () => refresh(session, victim.refreshToken, bob.accessToken)),
    );
    const bodies = answers.map((answer) => (answer.json ?? {}) as { refresh_token?: string; access_token?: string });
    for (const body of bodies) {
      session.redaction.hide(body.refresh_token ?? "", "refresh-token");
      session.redaction.hide(body.access_token ?? "", "access-token");
    }
    const statuses = answers.map(({ status }) => status);
    session.judge({
      request: `${TABS} refreshes with one token at the same moment`,
      expected: "every tab stays signed in",
      got: statuses.join(", "),
      held: statuses.every((status) => status === 200),
    });
    const families = new Set(bodies.map(({ refresh_token }) => refresh_token)).size;
    session.judge({
      request: "the refresh tokens that they were given",
      expected: "one and the same",
      got: `${families} different ones`,
      held: families === 1,
    });
    await session.positive(
      "a person uses the application",
      { method: "GET", path: OWN_ACCOUNT, bearer: bob.accessToken },
      200,
    );
    return await session.conclude(`${TABS} tabs that refreshed at once stayed signed in, with one refresh token.`);
  },
};
