import { identityRules } from "@holdfast/identity";
import { checks } from "@holdfast/probes";
import { expect, test } from "vitest";

// probes import nothing of identity, so no type says that a rule exists: one that was renamed would leave its twin without a hole.
test("every rule of identity that a sabotage replaces is one", () => {
  const named = checks.flatMap(({ sabotage: { hole } }) => {
    if (hole.kind === "identity-rule") return [hole.rule];
    return hole.kind === "identity-rules" ? Object.keys(hole.rules) : [];
  });
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((rule) => !Object.hasOwn(identityRules, rule))).toEqual([]);
});
