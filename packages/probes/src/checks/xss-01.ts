import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import type { Answer, Asked } from "../edge-client.ts";
import { headerOf, openToAnyone } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import type { ProbeSession } from "../session.ts";

const MARKUP = "<script>probe(1)</script>";
const ATTRIBUTE = `"onmouseover="probe(1)`;

export const xss01: Check = {
  ...fromAttackList("XSS-01"),
  title: "What a request says comes back as markup, in a page or an error.",
  kind: "attack",
  layers: ["edge", "browser", "api"],
  events: [],
  company: "together",
  sabotage: {
    name: "echoes-markup",
    sentence: "The error page repeats the path as HTML.",
    hole: {
      kind: "twin",
      answer: (answer, request) =>
        answer.status === 404 || answer.status === 400
          ? {
              kind: "answer",
              status: answer.status,
              headers: { "content-type": "text/html" },
              body: Buffer.from(
                `<p>No ${decodeURIComponent(request.path.replace(/%(?![0-9A-Fa-f]{2})/gu, "%25"))}</p>`,
              ),
            }
          : answer,
    },
  },
  run: async (session) => {
    const alice = await session.people.alice();
    const page = openToAnyone(session.policy, ANONYMOUS.subject);
    const bearer = alice.accessToken;
    const places: [string, Asked][] = [MARKUP, ATTRIBUTE].flatMap((payload): [string, Asked][] => {
      const encoded = encodeURIComponent(payload);
      return [
        ["the path", { method: "GET", path: `/probe-${encoded}` }],
        ["the query of an API", { method: "GET", path: `/auth/v1/health?q=${encoded}` }],
        [
          "the query of a page",
          { method: "GET", path: `${page?.path ?? "/"}?q=${encoded}`, headers: { accept: "text/html" } },
        ],
        [
          "a header",
          {
            method: "GET",
            path: "/auth/v1/user",
            headers: { referer: `https://x.invalid/${payload}`, "user-agent": `holdfast-probe ${payload}` },
          },
        ],
        [
          "a body",
          { method: "POST", path: "/auth/v1/token?grant_type=password", bearer, body: { [payload]: payload } },
        ],
        ["the grant type", { method: "POST", path: `/auth/v1/token?grant_type=${encoded}`, bearer, body: {} }],
      ];
    });
    for (const [place, asked] of places) judgeEcho(session, place, await session.ask(asked));
    return await session.conclude(`Markup in ${places.length / 2} places of a request never came back as markup.`);
  },
};

function judgeEcho(session: ProbeSession, place: string, answer: Answer): void {
  const type = headerOf(answer, "content-type");
  const isMarkup = /html|xml|svg/u.test(type) || type === "";
  const echoes = answer.text.includes(MARKUP) || answer.text.includes(ATTRIBUTE);
  session.judge({
    request: `markup in ${place}`,
    expected: "no echo in HTML; JSON with nosniff",
    got: `${answer.status} ${type || "no type"}${echoes ? ", echoed" : ""}`,
    held: !(echoes && isMarkup) && (answer.text === "" || headerOf(answer, "x-content-type-options") === "nosniff"),
  });
}
