import type { Check } from "../check.ts";
import {
  decideOn,
  judgeAttempt,
  openRequest,
  practiceAdministrator,
  privilegedRole,
} from "../practice-administrators.ts";
import { carelessRule } from "../sabotages.ts";

export const roleApprovedAlone: Check = {
  id: "role-approved-alone",
  title: "Whoever asks for a privileged role, or would get it, approves the request.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V2.3.5", "V8.2.1"],
  wstg: ["WSTG-ATHZ-03"],
  events: ["role.requested", "admin.refused"],
  company: "together",
  sabotage: carelessRule("approves-own-requests", "Anybody decides about any request.", "mayDecide", () => true),
  run: async (session) => {
    const role = privilegedRole(session);
    const [first, second] = [await practiceAdministrator(session), await practiceAdministrator(session)];
    const victim = await session.victim();
    const id = await openRequest(session, first, victim.id, role);
    const own = await decideOn(session, first, id, "approved");
    await judgeAttempt(session, {
      what: "approve one's own request",
      answer: own,
      reader: second,
      id: victim.id,
      role,
    });
    const gainer = await decideOn(session, victim, id, "approved");
    session.judge({
      request: "approve a request that gives the role to oneself",
      expected: "refused (401 or 403)",
      got: String(gainer.status),
      held: [401, 403].includes(gainer.status),
    });
    const other = await decideOn(session, second, id, "refused");
    session.require(other.status === 200, "another administrator can decide the request");
    return await session.conclude(`The role "${role}" was given by nobody alone: another administrator decides.`);
  },
};
