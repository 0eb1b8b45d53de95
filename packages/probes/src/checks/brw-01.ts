import { fromAttackList } from "../attack-list.ts";
import { cookiesOf, sameOrigin, signInAsBrowser } from "../browser-mode.ts";
import type { Check } from "../check.ts";
import { mainFamily } from "../object-routes.ts";
import { refusals } from "../refusals.ts";
import { withoutStep } from "../sabotages.ts";
import { sampleBody } from "../sample-body.ts";

const FOREIGN = "https://attacker.invalid";

export const brw01: Check = {
  ...fromAttackList("BRW-01"),
  title: "Another site's page changes something in the name of a visitor who is signed in.",
  kind: "attack",
  layers: ["edge", "browser"],
  events: ["edge.origin-refused", "edge.body-refused"],
  company: "together",
  sabotage: withoutStep("origin", "The gateway does not look where a change comes from."),
  run: async (session) => {
    const victim = await session.victim();
    const family = mainFamily(session, victim);
    const { header: cookie } = cookiesOf(await signInAsBrowser(session, victim));
    const body = sampleBody(family.body, "probe cross-site");
    const path = family.collection;
    const made = await session.positive(
      "our own page makes an object with the cookie",
      { method: "POST", path, headers: { cookie, ...sameOrigin(session) }, body },
      [200, 201],
    );
    const id = (made.json as { id?: string } | undefined)?.id;
    const crossSite: [string, Record<string, string>][] = [
      ["a form of another site", { origin: FOREIGN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }],
      ["a script of another site", { origin: FOREIGN, "sec-fetch-site": "cross-site" }],
      ["a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
      [
        "a sibling host",
        { origin: session.target.origin.replace("https://", "https://evil."), "sec-fetch-site": "same-site" },
      ],
      ["an old browser, foreign origin", { origin: FOREIGN }],
      ["an old browser, no origin", {}],
      ["a method override", { origin: FOREIGN, "sec-fetch-site": "cross-site", "x-http-method-override": "DELETE" }],
    ];
    for (const [name, headers] of crossSite) {
      await session.expectRefused(
        { method: "POST", path, headers: { cookie, ...headers }, body },
        refusals.origin,
        name,
      );
    }
    await session.expectRefused(
      {
        method: "POST",
        path,
        headers: { cookie, ...sameOrigin(session), "content-type": "text/plain" },
        body: JSON.stringify(body),
      },
      refusals.bodyType,
      "JSON that calls itself text/plain",
    );
    if (id !== undefined) {
      const item = `${path}/${id}`;
      await session.ask({
        method: "GET",
        path: `${item}?_method=DELETE`,
        headers: { cookie, "x-http-method-override": "DELETE", ...sameOrigin(session) },
      });
      const still = await session.ask({ method: "GET", path: item, headers: { cookie, ...sameOrigin(session) } });
      session.judge({
        request: "GET with a method override to DELETE",
        expected: "changes nothing",
        got: `the object then answers ${still.status}`,
        held: still.status === 200,
      });
      await session.ask({ method: "DELETE", path: item, bearer: victim.accessToken });
    }
    return await session.conclude(`${crossSite.length + 1} cross-site changes were refused; our own page could.`);
  },
};
