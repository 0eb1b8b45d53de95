import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { administratorConnection } from "../database-session.ts";
import { mainFamily, makeObject } from "../object-routes.ts";
import { describeAnswer } from "../session.ts";
import { twinJson } from "../twin.ts";

/** How long the deployment may take to work again after its idle connections were cut. */
const RECOVERY_MS = 5_000;
const RETRY_MS = 100;
const UNAUTHORIZED = 401;
const CUT = `select count(pg_catalog.pg_terminate_backend(pid))::int as cut from pg_catalog.pg_stat_activity
  where usename in ('holdfast_api', 'holdfast_identity', 'holdfast_platform') and state = 'idle' and datname = current_database()
    and application_name <> 'holdfast-probe'`;

export const log05: Check = {
  ...fromAttackList("LOG-05"),
  title: "While a part fails, something opens: the database's connections are cut, and what is forbidden is tried.",
  kind: "attack",
  layers: ["edge", "identity", "database"],
  events: [],
  // Others' requests would fail with it.
  company: "alone",
  sabotage: {
    name: "fails-open",
    sentence: "Where nobody can be identified, everybody is let in.",
    hole: {
      kind: "twin",
      answer: (answer) => (answer.status === UNAUTHORIZED ? twinJson(200, { id: "nobody" }) : answer),
    },
  },
  run: async (session) => {
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const family = mainFamily(session, alice);
    const { path } = await makeObject(session, family, alice);
    const administrator = await administratorConnection(session);
    const forbidden = [
      { what: "an account without a token", asked: { method: "GET", path: "/auth/v1/user" } },
      { what: "an account with a false token", asked: { method: "GET", path: "/auth/v1/user", bearer: "a.b.c" } },
      {
        what: "all accounts as a person",
        asked: { method: "GET", path: "/auth/v1/admin/users", bearer: alice.accessToken },
      },
      {
        what: "the platform as a person",
        asked: { method: "GET", path: "/platform/v1/summary", bearer: alice.accessToken },
      },
      { what: "another tenant's object", asked: { method: "GET", path, bearer: bob.accessToken } },
      { what: "an object without a token", asked: { method: "GET", path } },
    ];
    let cut = 0;
    for (const { what, asked } of forbidden) {
      // Only idle connections: nobody's statement is broken off, and a sound pool replaces them unseen.
      cut += Number((await administrator.query<{ cut: number }>(CUT)).rows[0]?.cut ?? 0);
      const answer = await session.ask(asked);
      session.judge({
        request: `${what}, just after the database's connections were cut`,
        expected: "refused, or a failure",
        got: describeAnswer(answer),
        held: answer.status >= 400,
      });
    }
    session.require(cut > 0, "idle connections of the deployment could be cut");
    let back = 0;
    for (const end = Date.now() + RECOVERY_MS; back !== 200 && Date.now() < end; ) {
      back = (await session.ask({ method: "GET", path, bearer: alice.accessToken })).status;
      if (back !== 200) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    session.require(back === 200, "the deployment works again by itself");
    return await session.conclude(`${cut} connections were cut; nothing opened, and everything works again.`);
  },
};
