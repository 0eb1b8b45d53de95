// How work in the background goes about many rows: in batches, no faster than it may, telling how far it is.

export interface WorkProgress {
  readonly done: number;
  readonly total: number;
}

export interface WorkPace {
  /** Rows in one transaction. */
  readonly batchRows: number;
  readonly rowsPerSecondMax: number;
  /** Milliseconds since any fixed point. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly onProgress: (progress: WorkProgress) => void;
}

const SECOND_MS = 1_000;
const BATCH_ROWS = 200;
const ROWS_PER_SECOND = 2_000;

export const usualPace = (wished: Partial<WorkPace> = {}): WorkPace => ({
  batchRows: BATCH_ROWS,
  rowsPerSecondMax: ROWS_PER_SECOND,
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  onProgress: () => undefined,
  ...wished,
});

/** Waits so long that `rows` since `startedAt` are no more than the pace allows. */
export async function keepPace(
  { rowsPerSecondMax, now, wait }: WorkPace,
  startedAt: number,
  rows: number,
): Promise<void> {
  const due = startedAt + (rows / rowsPerSecondMax) * SECOND_MS;
  const early = due - now();
  if (early > 0) await wait(early);
}
