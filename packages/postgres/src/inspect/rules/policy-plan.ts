import type { PlanRule } from "../rule/rule.ts";

export const policyPlan: PlanRule = {
  kind: "plan",
  id: "policy-plan",
  severity: "warning",
  title: "The plan under a table's policies reads every row",
  why: "Whoever may see ten rows waits for a million; enough such requests are an outage.",
};
