// The platform's heartbeat: asks the database whether it is there, and samples the request counters. Whether it fails or
// recovers is itself an event; while it is away nothing opens, events wait, and requests are answered with problems.
import type { EmitEvent } from "@holdfast/policy";
import type { Database } from "../store/database.ts";

const PULSE_MS = 5_000;

export interface Pulse {
  /** Names of the parts that do not work now. */
  readonly failing: readonly string[];
  /** One beat; also called when something was heard to fail. */
  beat(): Promise<void>;
  stop(): Promise<void>;
}

export interface PulseOptions {
  readonly database: Database;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly isLogFailing: () => boolean;
  /** Writes what waits, once the database is back. */
  readonly onRecovered: () => Promise<void>;
  readonly sample: () => Promise<void>;
}

export function startPulse(options: PulseOptions): Pulse {
  const { database, emit, now, isLogFailing } = options;
  let isDatabaseAway = false;
  let running: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    const wasAway = isDatabaseAway;
    isDatabaseAway = !(await answers(database));
    const part = { at: now(), service: "platform", reason: "database" };
    if (isDatabaseAway && !wasAway) emit({ ...part, name: "platform.degraded" });
    if (!isDatabaseAway && wasAway) emit({ ...part, name: "platform.recovered" });
    if (!isDatabaseAway && (wasAway || isLogFailing())) await options.onRecovered();
    // Findings need the database: a sample that cannot be judged is judged with the next one.
    if (!isDatabaseAway) await options.sample().catch(() => undefined);
  };
  const beat = (): Promise<void> => {
    running ??= ask().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => void beat(), PULSE_MS);
  timer.unref();

  return {
    get failing() {
      return [...(isDatabaseAway ? ["database"] : []), ...(isLogFailing() ? ["event-log"] : [])];
    },
    beat,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

async function answers(database: Database): Promise<boolean> {
  try {
    await database.query("SELECT 1");
    return true;
  } catch {
    // That it does not answer is what was asked.
    return false;
  }
}
