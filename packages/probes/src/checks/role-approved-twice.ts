import type { Check } from "../check.ts";
import {
  decideOn,
  judgeAttempt,
  openRequest,
  practiceAdministrator,
  privilegedRole,
} from "../practice-administrators.ts";
import { carelessRule } from "../sabotages.ts";

const AT_ONCE = 8;

export const roleApprovedTwice: Check = {
  id: "role-approved-twice",
  title: "An approval counts a second time: at the same moment, or after the role was taken away again.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V2.3.4", "V15.4.2"],
  wstg: ["WSTG-BUSL-06"],
  events: ["role.approved", "role.changed", "admin.refused"],
  company: "together",
  sabotage: carelessRule("approvals-count-again", "A decided request is decided again.", "decidesAgain", () => true),
  run: async (session) => {
    const role = privilegedRole(session);
    const [first, second] = [await practiceAdministrator(session), await practiceAdministrator(session)];
    const victim = await session.victim();
    const id = await openRequest(session, first, victim.id, role);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => decideOn(session, second, id, "approved")));
    const counted = answers.filter(({ status }) => status === 200).length;
    session.require(counted > 0, "another administrator can approve the request");
    session.judge({
      request: `approve one request ${AT_ONCE} times at once`,
      expected: "counted once",
      got: `counted ${counted} times`,
      held: counted === 1,
    });
    await session.positive(
      "the role can be taken away",
      {
        method: "POST",
        path: `/platform/v1/people/${victim.id}/roles/withdraw`,
        bearer: second.accessToken,
        body: { role, reason: "A check takes it back." },
      },
      200,
    );
    const again = await decideOn(session, second, id, "approved");
    const what = "approve the request again after the role was taken away";
    await judgeAttempt(session, { what, answer: again, reader: second, id: victim.id, role });
    return await session.conclude(`One approval gave the role "${role}" once.`);
  },
};
