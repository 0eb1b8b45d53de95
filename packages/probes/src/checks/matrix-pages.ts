import type { Policy, Subject } from "@holdfast/policy";
import type { Account } from "../accounts.ts";
import { enrolFactor, sessionFrom, totpCode, verifyFactor } from "../accounts.ts";
import { cookiesOf, signInAsBrowser } from "../browser-mode.ts";
import type { Check } from "../check.ts";
import { headerOf, openPage, type PageCell, pageCells } from "../pages.ts";
import { ANONYMOUS } from "../people.ts";
import { withoutStep } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

interface Visitor {
  readonly name: string;
  readonly subject: Subject;
  readonly cookie?: string;
}

export const matrixPages: Check = {
  id: "matrix-pages",
  title: "Somebody opens a page that the policy does not give to them (role × page, whole matrix).",
  kind: "attack",
  layers: ["edge", "browser"],
  asvs: ["V8.2.1", "V8.3.1"],
  wstg: ["WSTG-ATHZ-02"],
  events: ["edge.access-refused"],
  company: "together",
  sabotage: withoutStep("decision", "The gateway asks nobody whether a subject may use a route."),
  run: async (session) => {
    session.require(Object.keys(session.policy.sites).length > 0, "the policy has a site");
    const visitors = await everyVisitor(session);
    let open = 0;
    for (const visitor of visitors) {
      for (const cell of pageCells(session.policy, visitor.subject, Date.now())) {
        const answer = await openPage(session, cell.path, visitor.cookie);
        if (cell.decision.allowed) {
          session.require(
            answer.status === 200,
            `${visitor.name} may open ${cell.page} of ${cell.site} (status ${answer.status})`,
          );
          open += 1;
          continue;
        }
        const location = headerOf(answer, "location");
        session.judge({
          request: `open ${cell.page} of ${cell.site} as ${visitor.name}`,
          expected: `not the page: 401 or 403, or sent to ${wayOf(cell)}`,
          got: `${answer.status} ${location}`,
          held: [401, 403].includes(answer.status) || (answer.status === 303 && location.split("?")[0] === wayOf(cell)),
          event: { name: "edge.access-refused", correlation: answer.correlation },
        });
      }
    }
    return await session.conclude(`${visitors.length} visitors saw the ${open} pages that are theirs and no other.`);
  },
};

function wayOf({ decision, signIn, unauthorized }: PageCell): string {
  return !decision.allowed && decision.reason === "not-signed-in" ? signIn : unauthorized;
}

/** Nobody, and for each role a browser session; with and without the second factor where the role asks for one. */
async function everyVisitor(session: ProbeSession): Promise<Visitor[]> {
  const { policy } = session;
  const visitors = await Promise.all(
    Object.keys(policy.roles).map(async (role) => {
      const account = await session.victim([role]);
      const plain = await visitorOf(session, role, account);
      return needsSecondFactor(policy, role)
        ? [plain, await withFactor(session, role, await session.victim([role]))]
        : [plain];
    }),
  );
  return [{ name: "nobody", subject: ANONYMOUS.subject }, ...visitors.flat()];
}

function needsSecondFactor(policy: Policy, role: string): boolean {
  return policy.roles[role]?.requires === "aal2";
}

async function visitorOf(session: ProbeSession, role: string, account: Account): Promise<Visitor> {
  const answer = await signInAsBrowser(session, account);
  session.require(answer.status === 200, "a person signs in in browser mode");
  return { name: `${role} (aal1)`, subject: account.subject, cookie: cookiesOf(answer).header };
}

/** The cookie carries the very access token that the second factor gave. */
async function withFactor(session: ProbeSession, role: string, account: Account): Promise<Visitor> {
  const factor = await enrolFactor(session.client, account, session.redaction);
  const verified = await verifyFactor(session.client, account, factor, totpCode(factor, 0, account));
  const { accessToken, subject } = sessionFrom(verified, session.redaction, "a session of aal2");
  return { name: `${role} (aal2)`, subject, cookie: `__Host-access=${accessToken}` };
}
