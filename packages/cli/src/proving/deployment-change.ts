// A hole as what it changes about a deployment. Every kind of hole is either here or a thing in front of the deployment.
import { gatewaySteps, replaceStep, type Step, withoutStep } from "@holdfast/gateway";
import type { IdentityRules } from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import type { Hole } from "@holdfast/probes";
import { decodingTokenStep } from "./decoding-token-step.ts";

export interface DeploymentChange {
  readonly policy?: Policy;
  readonly gatewaySteps?: readonly Step[];
  readonly identityRules?: Partial<IdentityRules>;
  /** Run by the administrator after the policy was applied. */
  readonly sabotage?: readonly string[];
  /** What lies in the backups' target comes back as this says. */
  readonly storedBackups?: StoredBackups;
}

export type StoredBackups = Extract<Hole, { kind: "stored-backups" }>["change"];

export function deploymentChange(
  hole: Exclude<Hole, { kind: "twin" | "pool" | "database" | "outputs" }>,
  policy: Policy,
): DeploymentChange {
  switch (hole.kind) {
    case "without-step":
      return { gatewaySteps: withoutStep(gatewaySteps, hole.step) };
    case "replace-step":
      return { gatewaySteps: replaceStep(gatewaySteps, hole.step, decodingTokenStep) };
    case "identity-rule":
      return { identityRules: { [hole.rule]: hole.by } as Partial<IdentityRules> };
    case "identity-rules":
      return { identityRules: hole.rules as Partial<IdentityRules> };
    case "sql":
      return { sabotage: hole.statements(policy) };
    case "stored-backups":
      return { storedBackups: hole.change };
    case "policy":
      return { policy: hole.change(policy) };
  }
}
