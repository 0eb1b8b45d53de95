import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { mainFamily } from "../object-routes.ts";
import { withoutStep } from "../sabotages.ts";

const MARGIN_REQUESTS = 10;
const TOO_MANY = 429;

export const rl02: Check = {
  ...fromAttackList("RL-02"),
  title: "Another spelling of a path or query gives its sender a fresh limit.",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.limit-exceeded"],
  company: "alone",
  sabotage: withoutStep("quota", "The gateway does not count requests to a route."),
  run: async (session) => {
    const victim = await session.victim();
    const { collection, service } = mainFamily(session, victim);
    const route = `POST ${collection}`;
    const limit = session.policy.services[service]?.routes[route]?.limit;
    session.require(limit !== undefined, `${route} has a limit`);
    const most = (limit?.requests ?? 0) + MARGIN_REQUESTS;
    const send = (path: string) =>
      session.ask({
        method: "POST",
        path,
        bearer: victim.accessToken,
        body: "{",
        headers: { "content-type": "application/json" },
      });
    let spent = false;
    for (let count = 1; count <= most && !spent; count++)
      spent = (await send(`${collection}?n=${count}`)).status === TOO_MANY;
    session.judge({
      request: `up to ${most} requests to ${route}, each with another query`,
      expected: "429 from the limit on",
      got: spent ? "429" : "none was refused",
      held: spent,
    });
    if (spent) {
      const dodge = await send(`${collection}?N=1&n=1`);
      session.judge({
        request: "one more, with another query",
        expected: "429 quota-exceeded, event edge.limit-exceeded",
        got: `${dodge.status} ${errorWord(dodge)}`,
        held: dodge.status === TOO_MANY,
        event: { name: "edge.limit-exceeded", correlation: dodge.correlation },
      });
      for (const path of [
        `${collection}/`,
        collection.toUpperCase(),
        `/${collection}`,
        `${collection.slice(0, -1)}%${collection.charCodeAt(collection.length - 1).toString(16)}`,
      ]) {
        const other = await send(path);
        session.judge({
          request: `POST ${path}`,
          expected: "not the route (400 or 404), or 429",
          got: `${other.status} ${errorWord(other)}`,
          held: [400, 404, 405, TOO_MANY].includes(other.status) && errorWord(other) !== "body-malformed",
        });
      }
    }
    return await session.conclude("Every spelling of a route either counts as the route or does not exist.");
  },
};
