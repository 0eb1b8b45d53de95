import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { mainFamily } from "../object-routes.ts";
import { refusals } from "../refusals.ts";
import { withoutStep } from "../sabotages.ts";
import { sampleBody } from "../sample-body.ts";

export const inj04: Check = {
  ...fromAttackList("INJ-04"),
  title: "JSON or a query changes the prototype of every object in the server.",
  kind: "attack",
  layers: ["edge", "api"],
  events: ["edge.body-refused"],
  company: "together",
  sabotage: withoutStep("body", "The gateway reads no body."),
  run: async (session) => {
    const alice = await session.people.alice();
    const family = mainFamily(session, alice);
    const sample = JSON.stringify(sampleBody(family.body, "probe prototype")).slice(1);
    const bodies = [
      `{"__proto__":{"isAdmin":true},${sample}`,
      `{"\\u005f_proto__":{"isAdmin":true},${sample}`,
      `{"constructor":{"prototype":{"isAdmin":true}},${sample}`,
    ];
    for (const body of bodies) {
      await session.expectRefused(
        {
          method: "POST",
          path: family.collection,
          bearer: alice.accessToken,
          body,
          headers: { "content-type": "application/json" },
        },
        { status: 400, code: ["body-malformed", "body-invalid"], event: "edge.body-refused" },
        body.slice(0, 30),
      );
    }
    for (const query of ["__proto__[isAdmin]=true", "constructor[prototype][isAdmin]=true"]) {
      const answer = await session.ask({ method: "GET", path: `/auth/v1/user?${query}`, bearer: alice.accessToken });
      session.judge({
        request: `GET /auth/v1/user?${query}`,
        expected: "an account without isAdmin",
        got: answer.text.includes("isAdmin") ? "isAdmin" : String(answer.status),
        held: answer.status === 200 && !answer.text.includes("isAdmin"),
      });
    }
    const { status } = refusals.signIn;
    const after = await session.ask({ method: "GET", path: "/auth/v1/user" });
    session.judge({
      request: "ask without a token after all that",
      expected: String(status),
      got: String(after.status),
      held: after.status === status,
    });
    return await session.conclude("No request could reach a prototype.");
  },
};
