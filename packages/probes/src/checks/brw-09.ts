import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { openPage, openToAnyone, pageCells } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import { refusals } from "../refusals.ts";

const SCRIPTS_MAX = 8;
const SOURCE = /<(?:script[^>]+src|link[^>]+href)="([^"]+\.js)"/gu;
const KEEPS_TOKENS = /(?:local|session)Storage\.setItem\([^)]{0,80}(?:token|secret|password)/iu;

export const brw09: Check = {
  ...fromAttackList("BRW-09"),
  title: "The front end keeps tokens where scripts can read them, ships its source map, or takes tokens in a URL.",
  kind: "attack",
  layers: ["browser", "edge"],
  events: ["edge.access-refused"],
  company: "together",
  sabotage: {
    name: "ships-source-maps",
    sentence: "Scripts are served with their source maps.",
    hole: {
      kind: "twin",
      request: (request) =>
        request.path.endsWith(".js.map")
          ? {
              kind: "answer",
              status: 200,
              headers: { "content-type": "application/json" },
              body: Buffer.from('{"version":3,"sources":["src/app.tsx"]}'),
            }
          : request,
    },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    await session.positive(
      "a token in a header is accepted",
      { method: "GET", path: "/auth/v1/user", bearer: alice.accessToken },
      200,
    );
    for (const parameter of ["access_token", "token", "jwt"]) {
      const path = `/auth/v1/user?${parameter}=${alice.accessToken}`;
      await session.expectRefused({ method: "GET", path }, refusals.signIn, `a token in the query as ${parameter}`);
    }
    const page =
      openToAnyone(session.policy, ANONYMOUS.subject) ?? pageCells(session.policy, ANONYMOUS.subject, Date.now())[0];
    const html = page ? (await openPage(session, page.path)).text : "";
    const scripts = [...html.matchAll(SOURCE)].map((match) => match[1] ?? "").slice(0, SCRIPTS_MAX);
    for (const source of scripts) {
      const path = new URL(source, session.target.origin).pathname;
      const script = await session.ask({ method: "GET", path });
      const map = await session.ask({ method: "GET", path: `${path}.map` });
      session.judge({
        request: `read ${path}`,
        expected: "no token kept in web storage",
        got: KEEPS_TOKENS.exec(script.text)?.[0] ?? "none",
        held: script.status === 200 && !KEEPS_TOKENS.test(script.text),
      });
      session.judge({
        request: `GET ${path}.map`,
        expected: "404",
        got: String(map.status),
        held: map.status === 404 && !/\/\/# sourceMappingURL=/u.test(script.text),
      });
    }
    return await session.conclude(
      `Tokens travel in headers and closed cookies only; ${scripts.length} scripts keep none and have no source map.`,
    );
  },
};
