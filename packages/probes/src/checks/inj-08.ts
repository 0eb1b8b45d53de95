import { errorWord } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { mainFamily } from "../object-routes.ts";
import { withoutStep } from "../sabotages.ts";
import { sampleBody, textProperties } from "../sample-body.ts";

const JUGGLED = [1, true, null, ["x"], { $ne: null }, { toString: "x" }] as const;

export const inj08: Check = {
  ...fromAttackList("INJ-08"),
  title: "A value of another type, an operator object or a repeated parameter changes what a request means.",
  kind: "attack",
  layers: ["edge", "identity", "api"],
  events: ["edge.body-refused"],
  company: "together",
  sabotage: withoutStep("body", "The gateway reads no body."),
  run: async (session) => {
    const alice = await session.people.alice();
    const family = mainFamily(session, alice);
    const sample = sampleBody(family.body, "probe types") as Record<string, unknown>;
    const required = textProperties(family.body)
      .filter((name) => name in sample)
      .slice(0, 1);
    session.require(required.length > 0, "an object has a text property");
    for (const name of required) {
      for (const value of JUGGLED) {
        await session.expectRefused(
          { method: "POST", path: family.collection, bearer: alice.accessToken, body: { ...sample, [name]: value } },
          { status: 400, code: "body-invalid", event: "edge.body-refused" },
          `${name} = ${JSON.stringify(value)}`,
        );
      }
    }
    for (const value of [{ $ne: null }, ["a@b.invalid"], 1]) {
      const answer = await session.ask({
        method: "POST",
        path: "/auth/v1/token?grant_type=password",
        bearer: alice.accessToken,
        body: { email: value, password: value },
      });
      session.judge({
        request: `sign in with ${JSON.stringify(value)} as address and password`,
        expected: "refused with 4xx, not a server error",
        got: `${answer.status} ${errorWord(answer)}`,
        held: answer.status >= 400 && answer.status < 500,
      });
    }
    const twice = await session.ask({
      method: "POST",
      path: "/auth/v1/token?grant_type=refresh_token&grant_type=password",
      bearer: alice.accessToken,
      body: { refresh_token: "x", email: "a@b.invalid", password: "x" },
    });
    session.judge({
      request: "grant_type given twice",
      expected: "refused with 400",
      got: `${twice.status} ${errorWord(twice)}`,
      held: twice.status === 400,
    });
    return await session.conclude("No value of another type got past the edge.");
  },
};
