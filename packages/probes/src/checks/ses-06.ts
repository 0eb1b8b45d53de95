import { fromAttackList } from "../attack-list.ts";
import { cookiesOf, signInAsBrowser } from "../browser-mode.ts";
import type { Check } from "../check.ts";

/** ASVS 5.0 §3.3.1–3.3.4. */
const WANTED = ["httponly", "secure", "samesite=strict", "path=/"] as const;

export const ses06: Check = {
  ...fromAttackList("SES-06"),
  title: "A session cookie can be read by a script, sent by another site or set for a whole domain.",
  kind: "attack",
  layers: ["browser", "identity"],
  events: [],
  company: "together",
  sabotage: {
    name: "bare-cookies",
    sentence: "Session cookies are set without HttpOnly and SameSite.",
    hole: {
      kind: "twin",
      answer: (answer) => {
        const cookies = [answer.headers["set-cookie"] ?? []]
          .flat()
          .map((cookie) => String(cookie).replace(/;\s*(?:HttpOnly|SameSite=\w+)/giu, ""));
        return cookies.length === 0 ? answer : { ...answer, headers: { ...answer.headers, "set-cookie": cookies } };
      },
    },
  },
  run: async (session) => {
    const answer = await signInAsBrowser(session, await session.victim());
    session.require(answer.status === 200, "a person signs in in browser mode");
    const cookies = cookiesOf(answer);
    const names = Object.keys(cookies.values);
    session.require(names.length > 0, "browser mode sets session cookies");
    for (const name of names) {
      const attributes = cookies.attributes[name] ?? [];
      const missing = WANTED.filter((wanted) => !attributes.includes(wanted));
      const hasDomain = attributes.some((attribute) => attribute.startsWith("domain"));
      session.judge({
        request: `read the attributes of the cookie ${name}`,
        expected: `__Host-, ${WANTED.join(", ")}, no domain`,
        got: [
          ...attributes.filter((attribute) => !attribute.startsWith("expires")),
          ...missing.map((attribute) => `(no ${attribute})`),
        ].join(", "),
        held: name.startsWith("__Host-") && missing.length === 0 && !hasDomain,
      });
    }
    const body = answer.json as { access_token?: unknown; refresh_token?: unknown } | undefined;
    session.judge({
      request: "read the body of a sign-in in browser mode",
      expected: "no token that a script could read",
      got: body?.access_token || body?.refresh_token ? "a token" : "no token",
      held: !body?.access_token && !body?.refresh_token,
    });
    return await session.conclude(
      `${names.length} session cookies are closed to scripts, other sites and other hosts.`,
    );
  },
};
