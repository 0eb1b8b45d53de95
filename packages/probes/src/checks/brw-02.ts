import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { headerOf } from "../pages.ts";
import type { ProbeSession } from "../session.ts";
import { withHeaders } from "../twin.ts";

export const brw02: Check = {
  ...fromAttackList("BRW-02"),
  title: "Another origin is allowed to read answers (CORS), with credentials.",
  kind: "attack",
  layers: ["edge", "browser"],
  events: [],
  company: "together",
  sabotage: {
    name: "reflects-origin",
    sentence: "Any Origin is reflected with credentials allowed.",
    hole: {
      kind: "twin",
      ...withHeaders((request) =>
        request.headers.origin
          ? { "access-control-allow-origin": request.headers.origin, "access-control-allow-credentials": "true" }
          : {},
      ),
    },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    const { origin } = session.target;
    await session.positive(
      "our own origin reads the answer",
      { method: "GET", path: "/auth/v1/user", bearer: alice.accessToken, headers: { origin } },
      200,
    );
    const host = new URL(origin).hostname;
    const origins = [
      "https://attacker.invalid",
      "null",
      `${origin}.attacker.invalid`,
      `https://attacker${host}`,
      origin.replace("https:", "http:"),
      `https://sub.${host}`,
    ];
    for (const foreign of origins) {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await session.ask({
          method,
          path: "/auth/v1/user",
          bearer: alice.accessToken,
          headers: { origin: foreign, ...(method === "OPTIONS" ? { "access-control-request-method": "PUT" } : {}) },
        });
        const allowed = headerOf(answer, "access-control-allow-origin");
        session.judge({
          request: `${method} /auth/v1/user from ${foreign}`,
          expected: "no Access-Control-Allow-Origin for it",
          got: allowed === "" ? "none" : allowed,
          held: allowed === "" || allowed === origin,
        });
      }
    }
    const paths = await everyPath(session);
    return await session.conclude(
      `${origins.length} foreign origins were given no right to read, and one of them at none of ${paths} paths.`,
    );
  },
};

/** What a browser would ask before it sends anything, at each path of the policy. */
async function everyPath(session: ProbeSession): Promise<number> {
  const origin = "https://attacker.invalid";
  const headers = { origin, "access-control-request-method": "GET" };
  const routes = Object.values(session.policy.services).flatMap((service) => Object.values(service.routes));
  const paths = [...new Set(routes.map(({ path }) => path.replace(/:[A-Za-z0-9_]+/g, "x")))];
  for (const path of paths) {
    const answer = await session.ask({ method: "OPTIONS", path, headers });
    const allowed = headerOf(answer, "access-control-allow-origin");
    session.judge({
      request: `OPTIONS ${path} from ${origin}`,
      expected: "no Access-Control-Allow-Origin",
      got: allowed === "" ? "none" : allowed,
      held: allowed === "",
    });
  }
  return paths.length;
}
