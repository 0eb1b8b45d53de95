import { randomUUID } from "node:crypto";
import type { Check } from "../check.ts";
import {
  askForRole,
  judgeAttempt,
  practiceAdministrator,
  privilegedRole,
  rolesOf,
} from "../practice-administrators.ts";
import { carelessRule } from "../sabotages.ts";

export const roleWithoutApproval: Check = {
  id: "role-without-approval",
  title: "A privileged role is given without approval: by the service key, by metadata, or by one administrator.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V8.2.1", "V8.4.2"],
  wstg: ["WSTG-ATHZ-03"],
  events: ["admin.refused"],
  company: "together",
  sabotage: carelessRule(
    "grants-without-approval",
    "Every role is given without approval.",
    "mayGrantAlone",
    () => true,
  ),
  run: async (session) => {
    const role = privilegedRole(session);
    const reader = await practiceAdministrator(session);
    const victim = await session.victim();
    const { serviceKey, emailDomain = "probe.invalid" } = session.target;
    const answer = await session.ask({
      method: "PUT",
      path: `/auth/v1/admin/users/${victim.id}`,
      bearer: serviceKey,
      body: { app_metadata: { roles: [role] } },
    });
    await judgeAttempt(session, { what: "set the role by the service key", answer, reader, id: victim.id, role });
    const made = await session.ask({
      method: "POST",
      path: "/auth/v1/admin/users",
      bearer: serviceKey,
      body: { email: `probe-${randomUUID()}@${emailDomain}`, app_metadata: { roles: [role] } },
    });
    const { id } = (made.json ?? {}) as { readonly id?: string };
    if (typeof id === "string") session.afterwards(() => session.accounts.remove(id));
    session.judge({
      request: "make an account with the role by the service key",
      expected: "403 role_approval_required",
      got: String(made.status),
      held: made.status === 403,
      event: { name: "admin.refused", correlation: made.correlation },
    });
    const alone = await askForRole(session, reader, victim.id, role);
    const has = (await rolesOf(session, reader, victim.id)).includes(role);
    session.judge({
      request: "give the role as one administrator",
      expected: "a request that waits for another one",
      got: `${alone.status}, ${has ? "the role is there" : "the role is not there"}`,
      held: !has,
    });
    return await session.conclude(`Nobody gave the role "${role}" without another administrator's approval.`);
  },
};
