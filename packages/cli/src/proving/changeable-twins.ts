// Twins whose hole is one of rules or steps: a few deployments take one hole after the other, each only one at a time.
import { ChangeableParts } from "./changeable-parts.ts";
import type { DeploymentChange } from "./deployment-change.ts";
import type { StartedTarget, Twin } from "./start-target.ts";

interface ChangeableTwin {
  readonly parts: ChangeableParts;
  readonly started: StartedTarget;
}

export class ChangeableTwins {
  readonly #start: (parts: ChangeableParts) => Promise<StartedTarget>;
  readonly #idle: ChangeableTwin[] = [];

  constructor(start: (parts: ChangeableParts) => Promise<StartedTarget>) {
    this.#start = start;
  }

  /** A deployment that nobody else attacks, with this change until it is closed. */
  async withChange(change: DeploymentChange): Promise<Twin> {
    const twin = this.#idle.pop() ?? (await this.#open());
    twin.parts.change(change);
    return { target: twin.started.target, close: () => this.#takeBack(twin) };
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(({ started }) => started.close()));
  }

  async #open(): Promise<ChangeableTwin> {
    const parts = new ChangeableParts();
    return { parts, started: await this.#start(parts) };
  }

  /** Whoever lives by a clock that was moved is no place for the next check. */
  async #takeBack(twin: ChangeableTwin): Promise<void> {
    twin.parts.restore();
    if (twin.started.hasMovedClock()) await twin.started.close();
    else this.#idle.push(twin);
  }
}
