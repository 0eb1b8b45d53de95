import type { Check } from "../check.ts";
import { practiceAdministrator } from "../practice-administrators.ts";
import { refusals } from "../refusals.ts";
import { sessionsOutliveRoles } from "../sabotages.ts";

export const roleRemoved: Check = {
  id: "role-removed",
  title: "An administrator's role was taken away, and the session goes on administering.",
  kind: "attack",
  layers: ["identity", "edge"],
  asvs: ["V8.3.2"],
  wstg: ["WSTG-ATHZ-03"],
  events: ["role.changed", "edge.token-refused"],
  company: "together",
  sabotage: sessionsOutliveRoles,
  run: async (session) => {
    const role = session.policy.platform.administrator;
    const [first, second] = [await practiceAdministrator(session), await practiceAdministrator(session)];
    const summary = { method: "GET", path: "/platform/v1/roles", bearer: second.accessToken } as const;
    await session.positive("the administrator reads the platform", summary, 200);
    const taken = await session.positive(
      "one administrator takes the role of another away",
      {
        method: "POST",
        path: `/platform/v1/people/${second.id}/roles/withdraw`,
        bearer: first.accessToken,
        body: { role, reason: "A check takes it away." },
      },
      200,
    );
    session.judge({
      request: "take the role away",
      expected: "done, event role.changed",
      got: String(taken.status),
      held: true,
      event: { name: "role.changed", correlation: taken.correlation },
    });
    await session.expectRefused(summary, refusals.token, "whoever was an administrator");
    return await session.conclude(`Without the role "${role}" the session was over at the next request.`);
  },
};
