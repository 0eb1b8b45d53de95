// Rules of identity and steps of the gateway that a running deployment can change: a hole is made there and closed again, without
// another start. One hole at a time; while there is none, everything is as sound as anywhere else.
import { gatewaySteps, type Step } from "@holdfast/gateway";
import { type IdentityRules, identityRules } from "@holdfast/identity";
import type { Hole } from "@holdfast/probes";
import type { DeploymentChange, StoredBackups } from "./deployment-change.ts";

/** Whether a deployment with changeable parts can have this hole. The step `headers` also decides something at boot. */
export function isChangeable({ kind, ...hole }: Hole): boolean {
  if (kind === "without-step") return (hole as { step?: string }).step !== "headers";
  return kind === "identity-rule" || kind === "identity-rules" || kind === "replace-step" || kind === "stored-backups";
}

export class ChangeableParts {
  #change: DeploymentChange = {};

  readonly identityRules = Object.fromEntries(
    Object.keys(identityRules).map((name) => [name, (...given: never[]) => this.#rule(name)(...given)]),
  ) as unknown as IdentityRules;

  readonly gatewaySteps: readonly Step[] = gatewaySteps.map((step) => ({
    ...step,
    // A step that was taken away lets everything pass.
    run: (request) => this.#step(step.name)?.run(request),
  }));

  readonly storedBackups: StoredBackups = (name, content) =>
    this.#change.storedBackups === undefined ? content : this.#change.storedBackups(name, content);

  /** Makes the hole; the change must be of rules and steps only. */
  change(change: DeploymentChange): void {
    this.#change = change;
  }

  /** Closes the hole. */
  restore(): void {
    this.#change = {};
  }

  #rule(name: string): (...given: never[]) => unknown {
    const rules = { ...identityRules, ...this.#change.identityRules };
    return rules[name as keyof IdentityRules] as (...given: never[]) => unknown;
  }

  #step(name: Step["name"]): Step | undefined {
    return (this.#change.gatewaySteps ?? gatewaySteps).find((step) => step.name === name);
  }
}
