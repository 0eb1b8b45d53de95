import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { mainFamily, makeObject } from "../object-routes.ts";
import { headerOf, openPage, pageCells } from "../pages.ts";

const PAYLOADS = ["<img src=x onerror=probe(1)>", "<svg onload=probe(1)>", "[x](javascript:probe(1))"] as const;

export const xss02: Check = {
  ...fromAttackList("XSS-02"),
  title: "Stored text comes back as markup that a browser would run.",
  kind: "attack",
  layers: ["api", "edge", "browser"],
  events: [],
  company: "together",
  sabotage: {
    name: "objects-as-html",
    sentence: "The application's objects are answered as HTML.",
    hole: {
      kind: "twin",
      answer: (answer, request) =>
        request.path.startsWith("/auth/") ||
        request.path.startsWith("/platform/") ||
        !String(answer.headers["content-type"]).includes("json")
          ? answer
          : { ...answer, headers: { ...answer.headers, "content-type": "text/html", "x-content-type-options": "" } },
    },
  },
  run: async (session) => {
    const victim = await session.victim();
    const family = mainFamily(session, victim);
    const pages = pageCells(session.policy, victim.subject, Date.now()).filter(
      (cell) => cell.decision.allowed && cell.page.includes(":"),
    );
    for (const payload of PAYLOADS) {
      const { path, id } = await makeObject(session, family, victim, payload);
      const answers = [await session.ask({ method: "GET", path, bearer: victim.accessToken })];
      if (family.listable)
        answers.push(await session.ask({ method: "GET", path: family.collection, bearer: victim.accessToken }));
      for (const answer of answers) {
        const type = headerOf(answer, "content-type");
        session.judge({
          request: `store ${payload} and read it again`,
          expected: "JSON with nosniff",
          got: `${answer.status} ${type}`,
          held:
            answer.status === 200 &&
            /^application\/(?:[a-z.]+\+)?json/u.test(type) &&
            headerOf(answer, "x-content-type-options") === "nosniff",
        });
      }
      for (const cell of pages.slice(0, 2)) {
        const page = await openPage(session, cell.path.replace(/[0-9a-f-]{36}/u, id));
        session.judge({
          request: `open ${cell.page} of the stored object`,
          expected: "no stored text in the HTML",
          got: page.text.includes(payload) ? "the payload" : "none",
          held: !page.text.includes(payload),
        });
      }
    }
    return await session.conclude(`${PAYLOADS.length} stored payloads came back as data only.`);
  },
};
