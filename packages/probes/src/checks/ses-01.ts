import { fromAttackList } from "../attack-list.ts";
import { cookiesOf, sameOrigin, signInAsBrowser } from "../browser-mode.ts";
import type { Check } from "../check.ts";

export const ses01: Check = {
  ...fromAttackList("SES-01"),
  title: "A session that the attacker planted before a sign-in becomes the victim's.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: [],
  company: "together",
  sabotage: {
    name: "keeps-planted-cookies",
    sentence: "Sign-in keeps the session cookies that the browser already had.",
    hole: {
      kind: "twin",
      answer: (answer, request) => {
        const planted = request.headers.cookie?.split("; ").filter((cookie) => cookie.startsWith("__Host-"));
        if (!request.path.includes("grant_type=password") || !planted?.length) return answer;
        return {
          ...answer,
          headers: {
            ...answer.headers,
            "set-cookie": planted.map((cookie) => `${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict`),
          },
        };
      },
    },
  },
  run: async (session) => {
    const [attacker, victim] = await Promise.all([session.victim(), session.victim()]);
    const planted = cookiesOf(await signInAsBrowser(session, attacker));
    const signedIn = await signInAsBrowser(session, victim, { cookie: planted.header });
    session.require(signedIn.status === 200, "a person signs in in browser mode");
    const fresh = cookiesOf(signedIn);
    for (const name of ["__Host-access", "__Host-refresh"]) {
      session.judge({
        request: `sign in while the browser holds the attacker's ${name}`,
        expected: "a fresh cookie",
        got:
          fresh.values[name] === undefined
            ? "no cookie"
            : fresh.values[name] === planted.values[name]
              ? "the attacker's cookie"
              : "a fresh cookie",
        held: fresh.values[name] !== undefined && fresh.values[name] !== planted.values[name],
      });
    }
    // What the attacker still holds stays the attacker's.
    const who = await session.ask({
      method: "GET",
      path: "/auth/v1/user",
      headers: { cookie: planted.header, ...sameOrigin(session) },
    });
    session.judge({
      request: "GET /auth/v1/user with the planted cookies after the victim's sign-in",
      expected: "not the victim's account",
      got: (who.json as { id?: string } | undefined)?.id === victim.id ? "the victim's account" : `${who.status}`,
      held: (who.json as { id?: string } | undefined)?.id !== victim.id,
    });
    return await session.conclude("Every sign-in began a session of its own; planted cookies were replaced.");
  },
};
