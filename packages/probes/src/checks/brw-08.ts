import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { headerOf, openPage, pageCells } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import type { ProbeSession } from "../session.ts";

const PARAMETERS = ["from", "next", "redirect_to", "return_to", "url"] as const;
const ELSEWHERE = [
  "https://attacker.invalid/",
  "//attacker.invalid/",
  "/\\attacker.invalid",
  "https:attacker.invalid",
] as const;
const OPEN_PATHS = [
  "//attacker.invalid/",
  "/%2f%2fattacker.invalid",
  "/\\attacker.invalid",
  "/.//attacker.invalid",
] as const;

export const brw08: Check = {
  ...fromAttackList("BRW-08"),
  title: "A link to us leads to another site.",
  kind: "attack",
  layers: ["edge", "browser"],
  events: [],
  company: "together",
  sabotage: {
    name: "redirects-anywhere",
    sentence: "A page redirects to whatever its query names.",
    hole: {
      kind: "twin",
      request: (request) => {
        const wanted = new URLSearchParams(request.path.split("?")[1] ?? "").get("redirect_to");
        return wanted ? { kind: "answer", status: 302, headers: { location: wanted }, body: Buffer.alloc(0) } : request;
      },
    },
  },
  run: async (session) => {
    const cells = pageCells(session.policy, ANONYMOUS.subject, Date.now());
    const paths = [
      ...new Set([
        ...cells.slice(0, 3).map((cell) => cell.path),
        ...cells.slice(0, 1).map((cell) => cell.signIn),
        "/auth/v1/health",
      ]),
    ];
    for (const path of paths) {
      for (const [index, parameter] of PARAMETERS.entries()) {
        const elsewhere = ELSEWHERE[index % ELSEWHERE.length] ?? ELSEWHERE[0];
        await judgeRedirect(session, `${path}?${parameter}=${encodeURIComponent(elsewhere)}`);
      }
    }
    for (const path of OPEN_PATHS) await judgeRedirect(session, path);
    return await session.conclude("No answer led to another site.");
  },
};

async function judgeRedirect(session: ProbeSession, path: string): Promise<void> {
  const answer = await openPage(session, path);
  const location = headerOf(answer, "location");
  const { origin } = session.target;
  // Resolved as a browser does: backslashes and missing slashes count.
  const leadsTo =
    location === "" ? origin : URL.canParse(location, origin) ? new URL(location, origin).origin : "nowhere";
  session.judge({
    request: `open ${path}`,
    expected: "no way out of our origin",
    got: location === "" ? `${answer.status}, no Location` : `${answer.status} to ${leadsTo}`,
    held: leadsTo === origin,
  });
}
