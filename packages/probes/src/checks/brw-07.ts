import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { headerOf } from "../pages.ts";
import { withoutStep } from "../sabotages.ts";

/** Endings by which a cache in front would take a personal answer for a file. */
const DECEPTIONS = ["/x.css", "/x.js", "%2fx.css", ";x.css", ".css", "/..%2fx.png"] as const;

export const brw07: Check = {
  ...fromAttackList("BRW-07"),
  title: "A personal answer may be stored by a cache, or is served under a name that a cache takes for a file.",
  kind: "attack",
  layers: ["edge", "browser"],
  events: [],
  company: "together",
  sabotage: withoutStep("headers", "The gateway adds no header to its answers."),
  run: async (session) => {
    const alice = await session.people.alice();
    const own = ["/auth/v1/user", "/auth/v1/user/sessions"];
    for (const path of own) {
      const answer = await session.positive(
        "a person reads what is theirs",
        { method: "GET", path, bearer: alice.accessToken },
        200,
      );
      const control = headerOf(answer, "cache-control");
      session.judge({
        request: `read Cache-Control of GET ${path}`,
        expected: "no-store",
        got: control || "nothing",
        held: /\bno-store\b/u.test(control),
      });
    }
    for (const ending of DECEPTIONS) {
      const answer = await session.ask({ method: "GET", path: `/auth/v1/user${ending}`, bearer: alice.accessToken });
      session.judge({
        request: `GET /auth/v1/user${ending}`,
        expected: "no account, not cacheable",
        got: answer.text.includes(alice.email)
          ? "the account"
          : `${answer.status}, ${headerOf(answer, "cache-control")}`,
        held: !answer.text.includes(alice.email) && /\bno-store\b/u.test(headerOf(answer, "cache-control")),
      });
    }
    return await session.conclude("Personal answers are never stored, and have one name only.");
  },
};
