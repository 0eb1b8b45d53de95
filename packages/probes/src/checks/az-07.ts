import { evaluate } from "@holdfast/policy";
import { sessionFrom } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import { concretePath } from "../route-matrix.ts";
import { believesTokens } from "../sabotages.ts";
import { refresh } from "../token-attack.ts";

export const az07: Check = {
  ...fromAttackList("AZ-07"),
  title: "A role that was taken away still works with an old token.",
  kind: "attack",
  layers: ["identity", "edge"],
  events: ["role.changed", "edge.token-refused"],
  company: "together",
  sabotage: believesTokens,
  run: async (session) => {
    const { policy } = session;
    const defaults = policy.identity.defaultRoles;
    const role = Object.keys(policy.roles).find(
      (name) => !defaults.includes(name) && policy.roles[name]?.requires === "aal1",
    );
    session.require(role !== undefined, "the policy has a role beyond the default ones that needs no second factor");
    const victim = await session.victim([...defaults, ...(role ? [role] : [])]);
    const bob = await session.people.bob();
    const guarded = Object.entries(policy.services).flatMap(([service, { routes }]) =>
      Object.entries(routes).filter(([route, { method }]) => {
        const may = (subject: typeof bob.subject) =>
          evaluate(policy, subject, { kind: "route", service, route }, {}, { now: Date.now() }).allowed;
        return method === "GET" && may(victim.subject) && !may(bob.subject);
      }),
    )[0]?.[1];
    session.require(guarded !== undefined, `a route needs the role "${role}"`);
    const path = concretePath(guarded?.path ?? "/");
    await session.positive("the role opens its route", { method: "GET", path, bearer: victim.accessToken }, [200, 404]);
    const changed = await session.positive(
      "a role can be taken away",
      {
        method: "PUT",
        path: `/auth/v1/admin/users/${victim.id}`,
        bearer: session.target.serviceKey,
        body: { app_metadata: { roles: defaults } },
      },
      200,
    );
    session.judge({
      request: "take the role away",
      expected: "done, event role.changed",
      got: String(changed.status),
      held: true,
      event: { name: "role.changed", correlation: changed.correlation },
    });
    await session.expectRefused({ method: "GET", path, bearer: victim.accessToken }, refusals.token, "the old token");
    const refreshed = await refresh(session, victim.refreshToken, bob.accessToken);
    if (refreshed.status === 200) {
      const fresh = sessionFrom(refreshed, session.redaction, "a refreshed session");
      await session.expectRefused(
        { method: "GET", path, bearer: fresh.accessToken },
        refusals.access,
        "a refreshed token",
      );
    }
    return await session.conclude(`The role "${role}" ended with its withdrawal, for tokens already issued as well.`);
  },
};
