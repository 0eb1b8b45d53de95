// Runs one attempt to write at a time. After a failure it tries again after a pause that doubles, or at once when asked to drain.

/** Pause after a failed write; doubles up to the longest. */
const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 5_000;

export interface BatchWriterOptions<Written> {
  /** Writes one batch; null when nothing waits. `isRepeated` after a failure. */
  readonly attempt: (isRepeated: boolean) => Promise<readonly Written[] | null>;
  readonly publish: (written: readonly Written[]) => void;
  readonly onFailure: (cause: unknown) => void;
}

export class BatchWriter<Written> {
  readonly #options: BatchWriterOptions<Written>;
  #running: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = RETRY_FIRST_MS;
  #isFailing = false;
  #isStopped = false;
  /** Something was added since the last attempt began. */
  #isDirty = false;

  constructor(options: BatchWriterOptions<Written>) {
    this.#options = options;
  }

  /** True while the last attempt failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Something waits. While a retry is due it waits for that. */
  wake(): void {
    if (this.#timer === undefined) void this.#run();
  }

  /** Resolves when nothing waits any more, or an attempt failed. */
  async drain(): Promise<void> {
    if (this.#running !== undefined && !(await this.#running)) return;
    await this.#run();
  }

  /** Tries once more, for so long, and never again by itself. */
  async stop(withinMs: number): Promise<void> {
    this.#isStopped = true;
    let timeout: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timeout = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.drain(), late]);
    clearTimeout(timeout);
    clearTimeout(this.#timer);
  }

  #run(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDirty = true;
    this.#running ??= this.#round();
    return this.#running;
  }

  /** Writes until nothing waits; false when an attempt failed. `#running` is cleared in the same step that saw nothing waiting. */
  async #round(): Promise<boolean> {
    // One turn of the event loop gathers the events of the requests that are under way into one batch.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await this.#writeAll();
      this.#running = undefined;
      return true;
    } catch (cause) {
      // What waits stays where it is; the pause keeps a dead database from being asked in a loop.
      this.#isFailing = true;
      this.#running = undefined;
      if (!this.#isStopped) this.#retryLater();
      this.#options.onFailure(cause);
      return false;
    }
  }

  async #writeAll(): Promise<void> {
    const { attempt, publish } = this.#options;
    do {
      this.#isDirty = false;
      for (let written = await attempt(this.#isFailing); written !== null; written = await attempt(false)) {
        this.#isFailing = false;
        publish(written);
      }
    } while (this.#isDirty);
    this.#isFailing = false;
    this.#pauseMs = RETRY_FIRST_MS;
  }

  #retryLater(): void {
    this.#timer = setTimeout(() => void this.#run(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, RETRY_LONGEST_MS);
  }
}
