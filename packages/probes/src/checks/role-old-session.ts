import type { Check } from "../check.ts";
import { decideOn, openRequest, practiceAdministrator, privilegedRole } from "../practice-administrators.ts";
import { refusals } from "../refusals.ts";
import { sessionsOutliveRoles } from "../sabotages.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

/** Whoever holds a session of an ordinary person must not become an administrator with them (OWASP Session Management Cheat Sheet). */
export const roleOldSession: Check = {
  id: "role-old-session",
  title: "A session that began before its account was given a privileged role goes on, and has the role.",
  kind: "attack",
  layers: ["identity", "edge"],
  asvs: ["V7.2.4", "V8.3.2"],
  wstg: ["WSTG-SESS-03"],
  events: ["role.approved", "edge.token-refused"],
  company: "together",
  sabotage: sessionsOutliveRoles,
  run: async (session) => {
    const role = privilegedRole(session);
    const [first, second] = [await practiceAdministrator(session), await practiceAdministrator(session)];
    const victim = await session.victim();
    const own = { method: "GET", path: OWN_ACCOUNT, bearer: victim.accessToken } as const;
    await session.positive("an ordinary person's session works", own, 200);
    const id = await openRequest(session, first, victim.id, role);
    const approved = await decideOn(session, second, id, "approved");
    session.require(approved.status === 200, "another administrator approves the role");
    session.judge({
      request: "approve a privileged role",
      expected: "done, event role.approved",
      got: String(approved.status),
      held: true,
      event: { name: "role.approved", correlation: approved.correlation },
    });
    await session.expectRefused(own, refusals.token, "the session of before");
    const again = await session.accounts.signIn(victim);
    session.require(again.subject.roles.includes(role), "whoever signs in anew has the role");
    return await session.conclude(`The role "${role}" began with a sign-in; the session of before had ended.`);
  },
};
