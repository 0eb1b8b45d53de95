import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { withoutStep } from "../sabotages.ts";

/** A route that anybody may use and that refuses this body before anything happens. */
const PATH = "/auth/v1/signup";
const ROUTE = `POST ${PATH}`;
/** A little more than the limit, for what the window gives back meanwhile. */
const MARGIN_REQUESTS = 10;
const TOO_MANY = 429;

export const rl01: Check = {
  ...fromAttackList("RL-01"),
  title: "A forwarding header gives its sender a fresh limit.",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.limit-exceeded"],
  company: "alone",
  sabotage: withoutStep("quota", "The gateway does not count requests to a route."),
  run: async (session) => {
    const limit = session.policy.services["identity"]?.routes[ROUTE]?.limit;
    session.require(limit !== undefined, "sign-up has a limit");
    const most = (limit?.requests ?? 0) + MARGIN_REQUESTS;
    let refusedAt = 0;
    for (let count = 1; count <= most && refusedAt === 0; count++) {
      const address = `198.51.100.${count % 250}`;
      const answer = await session.ask({
        method: "POST",
        path: PATH,
        headers: {
          "content-type": "application/json",
          "x-forwarded-for": address,
          forwarded: `for=${address}`,
          "x-real-ip": address,
          "true-client-ip": address,
          "cf-connecting-ip": address,
        },
        body: "{",
      });
      if (answer.status !== TOO_MANY) continue;
      refusedAt = count;
      session.judge({
        request: `request ${count} to ${ROUTE}, each from another address as it claims`,
        expected: "429 quota-exceeded, event edge.limit-exceeded",
        got: `429 ${errorWord(answer)}`,
        held: errorWord(answer) === "quota-exceeded" && answer.headers["retry-after"] !== undefined,
        event: { name: "edge.limit-exceeded", correlation: answer.correlation },
      });
    }
    if (refusedAt === 0) {
      session.judge({
        request: `${most} requests to ${ROUTE}, each from another address as it claims`,
        expected: "429 from the limit on",
        got: "none was refused",
        held: false,
      });
    }
    return await session.conclude(
      `The limit of the real address was reached after ${refusedAt} requests, whatever the headers claimed.`,
    );
  },
};
