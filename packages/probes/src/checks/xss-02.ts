import type { Policy } from "@holdfast/policy";
import type { Account } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { Answer } from "../edge-client.ts";
import { makeObject, mayMake, type ObjectRoutes, objectRoutes } from "../object-routes.ts";
import { headerOf, openPage, pageCells } from "../pages.ts";
import { textProperties } from "../sample-body.ts";
import type { ProbeSession } from "../session.ts";

const PAYLOADS = ["<img src=x onerror=probe(1)>", "<svg onload=probe(1)>", "[x](javascript:probe(1))"] as const;

const FAMILIES_MAX = 3;

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
    const families = textFamilies(session.policy, victim);
    session.require(families.length > 0, "the policy has objects with free text that can be made and removed again");
    const pages = pageCells(session.policy, victim.subject, Date.now()).filter(
      (cell) => cell.decision.allowed && cell.page.includes(":"),
    );
    for (const family of families) {
      for (const payload of PAYLOADS) {
        const { path, id, collection } = await makeObject(session, family, victim, payload);
        const readable = family.items.some(({ method }) => method === "GET") ? [path] : [];
        for (const place of family.listable ? [...readable, collection] : readable) {
          judgeStored(session, payload, await session.ask({ method: "GET", path: place, bearer: victim.accessToken }));
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
    }
    return await session.conclude(`${PAYLOADS.length} stored payloads came back as data only.`);
  },
};

/** Families with free text whose objects do not stay behind, at most a few: the ones with the most routes first. */
function textFamilies(policy: Policy, account: Account): ObjectRoutes[] {
  return objectRoutes(policy)
    .filter((family) => mayMake(policy, family, account) && textProperties(family.body).length > 0)
    .filter(({ items }) => items.some(({ method }) => method === "DELETE"))
    .sort((left, right) => right.items.length - left.items.length)
    .slice(0, FAMILIES_MAX);
}

function judgeStored(session: ProbeSession, payload: string, answer: Answer): void {
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
