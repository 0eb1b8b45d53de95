// A check that saw its attack succeed is a finding at once: no threshold, no window.
import { suddenRule, told } from "./sudden-rule.ts";

export const checkBroken = suddenRule(
  { rule: "check-broken", event: "check.broken", scope: "check", severityId: 5 },
  ({ check }) => ({ group: told(check), sentence: `The attack of check ${told(check)} succeeds.` }),
);
