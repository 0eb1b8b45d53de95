import type { Check } from "../check.ts";
import { mailedLink, press } from "../mail-attack.ts";
import { carelessMail } from "../sabotages.ts";

const EVIL = "evil.example";

export const redirectNotNamed: Check = {
  id: "redirect-not-named",
  title: "A mailed link takes a session to a place that the policy does not name.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V3.7.2"],
  wstg: ["WSTG-CLNT-04"],
  events: ["redirect.refused"],
  company: "together",
  sabotage: carelessMail,
  run: async (session) => {
    const { origin } = new URL(session.target.origin);
    const named = session.policy.identity.redirects;
    const wanted = [
      `https://${EVIL}/`,
      `//${EVIL}/`,
      `${origin}.${EVIL}/`,
      `${origin}@${EVIL}/`,
      `${origin}/\\${EVIL}`,
      "javascript:alert(1)",
      ...named.map((url) => `${url}.${EVIL}`),
      ...named.map((url) => `${url}?next=https://${EVIL}`),
    ];
    const { email } = await session.victim();
    for (const place of wanted.slice(0, session.policy.identity.lockout.attempts)) {
      const query = `?redirect_to=${encodeURIComponent(place)}`;
      const asked = await session.positive(
        "a mail can be asked for, wherever it is to lead",
        { method: "POST", path: `/auth/v1/recover${query}`, body: { email } },
        200,
      );
      const pressed = await press(session, await mailedLink(session, email, "recover"));
      const location = URL.parse(String(pressed.headers.location ?? ""));
      session.judge({
        request: `a link that is to lead to ${place}`,
        expected: `a redirect to ${origin}, event redirect.refused`,
        got: `a redirect to ${location?.origin ?? "nowhere"}`,
        held: location?.origin === origin,
        event: { name: "redirect.refused", correlation: asked.correlation },
      });
    }
    return await session.conclude("Every link led back to the application itself.");
  },
};
