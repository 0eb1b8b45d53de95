import type { Condition, Policy } from "@holdfast/policy";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { asAttacker } from "../people.ts";
import { refusals } from "../refusals.ts";
import { routeCells } from "../route-matrix.ts";
import { changeRoutes } from "../sabotages.ts";

/** The condition with every demand for a second factor taken as met. */
function withoutAssurance(condition: Condition): Condition {
  switch (condition.kind) {
    case "assurance":
      return { kind: "signedIn" };
    case "all":
    case "any":
      return { ...condition, of: condition.of.map(withoutAssurance) };
    case "not":
      return { ...condition, of: withoutAssurance(condition.of) };
    default:
      return condition;
  }
}

function withoutSecondFactor(policy: Policy): Policy {
  const roles = Object.fromEntries(
    Object.entries(policy.roles).map(([name, role]) => [name, { ...role, requires: "aal1" as const }]),
  );
  return changeRoutes({ ...policy, roles }, (route) => ({ ...route, allow: withoutAssurance(route.allow) }));
}

export const mfa04: Check = {
  ...fromAttackList("MFA-04"),
  title: "A session that has not passed the second factor reaches what needs one.",
  kind: "attack",
  layers: ["edge", "identity"],
  events: ["edge.access-refused"],
  company: "together",
  sabotage: {
    name: "second-factor-not-asked",
    sentence: "The deployment's policy asks for no second factor anywhere.",
    hole: { kind: "policy", change: withoutSecondFactor },
  },
  run: async (session) => {
    const roles = Object.keys(session.policy.roles);
    const person = await session.victim(roles);
    const { account: passed } = await session.accounts.withSecondFactor(person);
    const half = await session.accounts.signIn(person);
    session.require(half.subject.assurance === "aal1", "a password alone gives a session of aal1");
    const cells = (who: typeof half) =>
      routeCells(session.policy, [asAttacker("a person with every role", who)], Date.now());
    const guarded = cells(half).filter(
      ({ decision, asked }) => !decision.allowed && decision.reason === "second-factor-required" && asked,
    );
    const open = cells(passed).find(
      ({ route, decision }) =>
        decision.allowed && route.startsWith("GET") && guarded.some((cell) => cell.route === route),
    );
    session.require(open?.asked !== undefined, "the policy has a route that needs a second factor");
    if (open?.asked) await session.positive("the same person passes with the second factor", open.asked, [200, 404]);
    for (const { asked } of guarded)
      if (asked) await session.expectRefused(asked, refusals.secondFactor, "a half-authenticated session");
    return await session.conclude(`${guarded.length} routes that need a second factor refused a session without one.`);
  },
};
