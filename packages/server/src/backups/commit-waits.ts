// Recovery point 0: commits wait until they are archived. While the archive is away they go on waiting, unless the policy says after
// how long they go on without it; then somebody is told, and told again when they wait once more.
import type { EventName } from "@holdfast/policy";

export interface CommitWaitsOptions {
  /** Makes commits wait, or no longer; absent where that is not ours to say. */
  readonly waitForArchive: ((waits: boolean) => Promise<void>) | undefined;
  readonly recoveryPointSeconds: number;
  readonly degradeAfterSeconds: number | null;
  readonly tell: (name: EventName, detail: Readonly<Record<string, number>>) => void;
}

/** The archive is back when it is no further behind: the heart beats each second. */
const BACK_MS = 5_000;

export class CommitWaits {
  readonly #options: CommitWaitsOptions;
  #isDegraded = false;
  /** Up to when everything was archived. */
  #reachedTo: number | undefined;

  constructor(options: CommitWaitsOptions) {
    this.#options = options;
  }

  /** From now on commits wait. */
  async begin(): Promise<void> {
    if (this.#options.recoveryPointSeconds === 0) await this.#options.waitForArchive?.(true);
  }

  /** `reachesTo`: up to when everything is archived, in milliseconds since 1970. */
  async look(now: number, reachesTo: number | undefined): Promise<void> {
    const { waitForArchive, recoveryPointSeconds, degradeAfterSeconds, tell } = this.#options;
    if (waitForArchive === undefined || recoveryPointSeconds > 0 || degradeAfterSeconds === null) return;
    this.#reachedTo = Math.max(this.#reachedTo ?? now, reachesTo ?? 0);
    const awayMs = now - this.#reachedTo;
    if (!this.#isDegraded && awayMs > degradeAfterSeconds * 1_000) {
      await waitForArchive(false);
      this.#isDegraded = true;
      tell("backup.log-degraded", { seconds: Math.round(awayMs / 1_000) });
    } else if (this.#isDegraded && awayMs < BACK_MS) {
      await waitForArchive(true);
      this.#isDegraded = false;
      tell("backup.log-restored", {});
    }
  }

  /** Nothing waits for an archiver that has ended. */
  async end(): Promise<void> {
    if (this.#options.recoveryPointSeconds === 0) await this.#options.waitForArchive?.(false);
  }
}
