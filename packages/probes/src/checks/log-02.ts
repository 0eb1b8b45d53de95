import { fromAttackList } from "../attack-list.ts";
import { cookiesOf, signInAsBrowser } from "../browser-mode.ts";
import type { Check } from "../check.ts";
import { mainFamily } from "../object-routes.ts";
import { refusals } from "../refusals.ts";

export const log02: Check = {
  ...fromAttackList("LOG-02"),
  title: "An attack is refused and nobody sees it: one attack of each kind leaves no event.",
  kind: "attack",
  layers: ["monitoring", "edge", "identity"],
  events: [
    "edge.host-refused",
    "edge.path-refused",
    "edge.route-unknown",
    "edge.origin-refused",
    "edge.token-refused",
    "edge.access-refused",
    "edge.body-refused",
    "signin.failed",
    "session.refresh-refused",
  ],
  company: "together",
  sabotage: {
    name: "loses-events",
    sentence: "The event log gives back no event that the edge refused something.",
    hole: {
      kind: "twin",
      answer: (answer, request) => {
        if (!request.path.startsWith("/platform/v1/events") || answer.status !== 200) return answer;
        const page = JSON.parse(answer.body.toString("utf8")) as { events?: { name: string }[] };
        return {
          ...answer,
          body: Buffer.from(
            JSON.stringify({ ...page, events: page.events?.filter(({ name }) => !name.startsWith("edge.")) }),
          ),
        };
      },
    },
  },
  run: async (session) => {
    const victim = await session.victim();
    const { collection } = mainFamily(session, victim);
    const bearer = victim.accessToken;
    await session.positive(
      "the event log can be read",
      { method: "GET", path: "/platform/v1/events?limit=1", bearer: session.target.serviceKey },
      200,
    );
    const { header: cookie } = cookiesOf(await signInAsBrowser(session, victim));
    const json = { "content-type": "application/json" };
    await session.expectRefused(
      { method: "GET", path: "/auth/v1/health", headers: { host: "attacker.invalid" } },
      refusals.hostUnknown,
    );
    await session.expectRefused({ method: "GET", path: "/auth/v1/x/../user" }, refusals.path);
    await session.expectRefused({ method: "GET", path: "/probe-unknown" }, refusals.routeUnknown);
    await session.expectRefused(
      { method: "POST", path: collection, headers: { cookie, origin: "https://attacker.invalid" }, body: {} },
      refusals.origin,
    );
    await session.expectRefused({ method: "GET", path: "/auth/v1/user", bearer: "a.b.c" }, refusals.token);
    await session.expectRefused({ method: "GET", path: "/auth/v1/user" }, refusals.signIn);
    await session.expectRefused(
      { method: "GET", path: "/platform/v1/summary", bearer },
      { status: 403, event: "edge.access-refused" },
    );
    await session.expectRefused(
      { method: "POST", path: collection, bearer, body: "{", headers: json },
      refusals.bodyMalformed,
    );
    const version = { "x-supabase-api-version": "2024-01-01" };
    await session.expectRefused(
      {
        method: "POST",
        path: "/auth/v1/token?grant_type=password",
        bearer,
        headers: version,
        body: { email: victim.email, password: "a wrong password" },
      },
      refusals.badCredentials,
    );
    await session.expectRefused(
      {
        method: "POST",
        path: "/auth/v1/token?grant_type=refresh_token",
        bearer,
        headers: version,
        body: { refresh_token: "A".repeat(50) },
      },
      { status: 400, event: "session.refresh-refused" },
    );
    return await session.conclude("One attack of each kind was refused, and each left its event in time.");
  },
};
